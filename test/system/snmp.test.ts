/** The agent as Debian's command-line managers see it (package snmp). */

import assert from "node:assert/strict";
import { execFile, execFileSync } from "node:child_process";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { after, before, describe, test } from "node:test";
import { type Agent, startAgent } from "#src/snmp/agent.js";
import { agentOptions, newIdentity } from "../support/agent-options.ts";
import { endpoints } from "../support/net-address.ts";
import { root } from "../support/root.ts";

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
    agent = await startAgent(
      agentOptions({
        listenAddresses: endpoints("udp:127.0.0.1:0", "udp6:[::1]:0"),
        system: { contact: "ops@example.net" },
      }),
    );
    [v4 = "", v6 = ""] = agent.listening().map((one) => one.address);
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

describe("Debian's managers with version 3", { skip }, () => {
  const password = "correct horse";
  const auths = ["SHA-1", "SHA-224", "SHA-256", "SHA-384", "SHA-512"] as const;
  const privs = [undefined, "AES-128", "AES-256", "AES-256-C"] as const;
  const pairs = auths.flatMap((auth) => privs.map((priv) => ({ auth, priv, name: `${auth}+${priv ?? "none"}` })));
  let agent: Agent;
  let address: string;

  before(async () => {
    agent = await startAgent(
      agentOptions({
        communities: [],
        users: [
          ...pairs.map(({ name, auth, priv }) => ({
            name,
            auth: { protocol: auth, password },
            priv: priv && { protocol: priv, password },
          })),
          {
            name: "interfaces",
            auth: { protocol: "SHA-256", password },
            view: { include: [[1, 3, 6, 1, 2, 1, 2]] },
          },
        ],
      }),
    );
    [address = ""] = agent.listening().map((one) => one.address);
  });
  after(() => agent.close());

  const level = (auth: string, priv: string | undefined, secret = password) => [
    ...["-v3", "-r0", "-t20", "-l", priv ? "authPriv" : "authNoPriv", "-a", auth.replace("SHA-1", "SHA"), "-A", secret],
    ...(priv ? ["-x", priv.replace("AES-128", "AES"), "-X", secret] : []),
  ];
  const get = (user: string, ...args: string[]) =>
    run("snmpget", ...args, "-u", user, "-Oqv", address, "SNMPv2-MIB::sysName.0");

  for (const { auth, priv, name } of pairs) {
    test(`snmpget with ${name}`, async () => {
      const { stdout, stderr } = await get(name, ...level(auth, priv));
      assert.equal(stdout, "host.example.net\n", stderr);
    });
  }

  test("snmpbulkwalk, encrypted, sees the whole tree", async () => {
    const { stdout, stderr } = await run(
      ...(["snmpbulkwalk", ...level("SHA-512", "AES-256"), "-u", "SHA-512+AES-256", "-On", address, ".1"] as const),
    );
    assert.match(stdout, /No more variables left/, stderr);
    assert.ok(stdout.split("\n").length > 300);
  });

  test("a wrong password, a wrong user, a level below the user's, an unknown context: each its Report", async () => {
    const before = agent.counters();
    const wrongPassword = await get("SHA-256+none", ...level("SHA-256", undefined, "wrong password"));
    assert.match(wrongPassword.stderr, /Authentication failure/);
    const wrongUser = await get("nobody", ...level("SHA-256", undefined));
    assert.match(wrongUser.stderr, /Unknown user name/);
    const lower = await get("SHA-256+AES-128", ...level("SHA-256", undefined));
    assert.match(lower.stderr, /Unsupported security level/);
    const none = await get("SHA-256+none", "-v3", "-r0", "-t20", "-l", "noAuthNoPriv");
    assert.match(none.stderr, /Unsupported security level/);
    const wrongKey = await get("SHA-256+AES-128", ...level("SHA-256", "AES-128").slice(0, -1), "another password");
    assert.match(wrongKey.stderr, /Decryption error/);
    const context = await get("SHA-256+none", ...level("SHA-256", undefined), "-n", "other");
    assert.match(context.stderr, /Bad context specified/);
    const after = agent.counters();
    for (const [name, moved] of [
      ["usmStatsWrongDigests", 1n],
      ["usmStatsUnknownUserNames", 1n],
      ["usmStatsUnsupportedSecLevels", 2n],
      ["usmStatsDecryptionErrors", 1n],
      ["snmpUnknownContexts", 1n],
    ] as const) {
      assert.equal(after[name] - before[name], moved, name);
    }
  });

  test("a request for another engine is refused, one that is late makes the manager set its clock", async () => {
    const before = agent.counters();
    const as = level("SHA-256", undefined);
    // The Report has the user's name, as RFC 3414 and snmpd have it; snmpget knows no such user of our engine, and goes on waiting.
    const engine = await get("SHA-256+none", ...as, "-e", "0x80001f880501020304050607", "-r", "0", "-t", "1");
    assert.equal(engine.stdout, "");
    assert.equal(agent.counters().usmStatsUnknownEngineIDs - before.usmStatsUnknownEngineIDs, 1n);
    // -Z: boots and time that the manager believes in.
    const late = await get("SHA-256+none", ...as, "-Z", "0,1");
    assert.equal(late.stdout, "host.example.net\n", late.stderr);
    assert.equal(agent.counters().usmStatsNotInTimeWindows - before.usmStatsNotInTimeWindows, 1n);
  });

  test("a request that somebody recorded is worth nothing once the agent has restarted", async () => {
    const identity = newIdentity();
    const user = { name: "nms", auth: { protocol: "SHA-256", password } } as const;
    const start = (boots: number) =>
      startAgent(agentOptions({ communities: [], users: [user], engine: { ...identity, boots } }));
    const portOf = (of: Agent) => Number(of.listening()[0]?.address.split(":").at(-1));
    const first = await start(1);
    /** Stands between manager and agent, and keeps what the manager says. */
    const relay = createSocket("udp4").bind(0, "127.0.0.1");
    await once(relay, "listening");
    const recorded: Buffer[] = [];
    let managerPort = 0;
    relay.on("message", (datagram, { port }) => {
      if (port === portOf(first)) relay.send(datagram, managerPort, "127.0.0.1");
      else {
        managerPort = port;
        recorded.push(datagram);
        relay.send(datagram, portOf(first), "127.0.0.1");
      }
    });
    const through = `udp:127.0.0.1:${relay.address().port}`;
    const as = [...level("SHA-256", undefined), "-u", "nms", "-Oqv", through];
    assert.equal((await run("snmpget", ...as, "SNMPv2-MIB::sysName.0")).stdout, "host.example.net\n");
    await first.close();

    const second = await start(2);
    relay.removeAllListeners("message");
    const last = recorded.at(-1);
    assert.ok(last);
    relay.send(last, portOf(second), "127.0.0.1");
    const [answer] = (await once(relay, "message")) as [Buffer];
    assert.ok(!answer.includes("host.example.net"));
    assert.equal(second.counters().usmStatsNotInTimeWindows, 1n);
    assert.equal(second.counters().varbinds, 0n);
    relay.close();
    await second.close();
  });

  test("a view hides what it does not hold", async () => {
    const as = [...level("SHA-256", undefined), "-u", "interfaces", "-Oqv", address];
    assert.match((await run("snmpget", ...as, "SNMPv2-MIB::sysName.0")).stdout, /No Such Object/);
    assert.equal((await run("snmpget", ...as, "IF-MIB::ifNumber.0")).stdout, "6\n");
  });
});
