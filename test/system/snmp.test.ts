/** The agent as Debian's command-line managers see it (package snmp). */

import assert from "node:assert/strict";
import { execFile, execFileSync } from "node:child_process";
import { after, before, describe, test } from "node:test";
import { type Agent, startAgent } from "#src/snmp/agent.js";
import { root } from "../support/root.ts";
import { EXAMPLE, snapshotsOf } from "../support/snapshot.ts";

const skip = installed("snmpbulkwalk") ? false : "Debian's package snmp is not installed";

function installed(program: string): boolean {
  try {
    execFileSync(program, ["-V"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

const ENVIRONMENT = {
  ...process.env,
  MIBDIRS: [root("node_modules/net-snmp/lib/mibs"), root("mibs")].join(":"),
  MIBS: "SNMPv2-MIB:IF-MIB:IANAifType-MIB",
  // Neither the user's nor the system's settings.
  SNMPCONFPATH: "/nonexistent",
  SNMP_PERSISTENT_DIR: "/nonexistent",
};

interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function run(program: string, ...args: string[]): Promise<Outcome> {
  return new Promise((resolve) => {
    execFile(program, args, { env: ENVIRONMENT, maxBuffer: 64 << 20 }, (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === "number" ? error.code : error ? -1 : 0, stdout, stderr });
    });
  });
}

describe("Debian's managers", { skip }, () => {
  let agent: Agent;
  let v4: string;
  let v6: string;

  before(async () => {
    agent = await startAgent({
      snapshots: snapshotsOf(EXAMPLE),
      log: { info() {}, warn() {}, error() {} },
      listenAddresses: ["udp:127.0.0.1:0", "udp6:[::1]:0"],
      system: { description: "ipmp-exporter", name: "host.example.net", contact: "ops@example.net" },
    });
    [v4 = "", v6 = ""] = agent.addresses;
  });
  after(() => agent.close());

  const names = (text: string) => text.split("\n").map((line) => line.split(" ")[0] ?? "");

  test("snmpget reads over IPv4 and IPv6, in versions 1 and 2c", async () => {
    for (const version of ["-v1", "-v2c"]) {
      for (const address of [v4, v6]) {
        const { stdout } = await run("snmpget", version, "-c", "public", "-Oqv", address, "SNMPv2-MIB::sysName.0");
        assert.equal(stdout, "host.example.net\n");
      }
    }
  });

  test("snmpwalk and snmpbulkwalk see the same, in increasing order, to the end", async () => {
    const walk = await run("snmpwalk", "-v2c", "-c", "public", "-On", v4, ".1");
    assert.equal(walk.code, 0, walk.stderr);
    assert.match(walk.stdout, /No more variables left in this MIB View/);
    const seen = names(walk.stdout).filter(Boolean);
    assert.ok(seen.length > 200);
    for (const size of ["1", "7", "25", "2147483647"]) {
      const bulk = await run("snmpbulkwalk", "-v2c", "-c", "public", "-On", `-Cr${size}`, v4, ".1");
      assert.equal(bulk.code, 0, bulk.stderr);
      assert.deepEqual(names(bulk.stdout).filter(Boolean), seen, `-Cr${size}`);
    }
  });

  test("snmptable prints ifTable and ifXTable", async () => {
    const table = async (name: string) => {
      const { stdout } = await run("snmptable", "-v2c", "-c", "public", "-CH", "-Cf", "|", v4, name);
      return stdout.split("\n").map((line) => line.split("|"));
    };
    const ifTable = await table("IF-MIB::ifTable");
    const group = ifTable.find(([ifIndex]) => ifIndex === "1000001");
    assert.deepEqual(group?.slice(0, 8), ["1000001", "ipmp0", "propVirtual", "1500", "4294967295", "", "up", "up"]);
    const ifXTable = await table("IF-MIB::ifXTable");
    const row = ifXTable.find(([ifName]) => ifName === "ipmp0");
    assert.equal(row?.[5], "18446744073709551615");
  });

  test("snmpset is refused, and a wrong community has no answer", async () => {
    const set = await run("snmpset", "-v2c", "-c", "public", v4, "SNMPv2-MIB::sysName.0", "s", "x");
    assert.match(set.stderr, /notWritable/);
    const wrong = await run("snmpget", "-v2c", "-c", "private", "-r0", "-t0.3", v4, "SNMPv2-MIB::sysName.0");
    assert.match(wrong.stderr, /Timeout/);
  });
});
