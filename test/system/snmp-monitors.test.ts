/** Monitoring programs of Debian as managers of our agent: they see every group and member, and each says so when a group fails. */

import assert from "node:assert/strict";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { Netns, NO_NETNS } from "../support/netns.ts";
import { Program } from "../support/program.ts";
import { scratch } from "../support/scratch.ts";
import { manager, withoutTools } from "../support/snmp-tools.ts";
import { eventually } from "../support/wait.ts";

const PLUGINS = "/usr/lib/nagios/plugins";
const skip =
  NO_NETNS ||
  withoutTools("cfgmaker", "mrtg", "snmpget", `${PLUGINS}/check_ifstatus`) ||
  (existsSync("/usr/sbin/collectd") ? false : "not installed (scripts/install-test-tools does it): collectd");

const PORT = "1161";
const IF_NAME = "1.3.6.1.2.1.31.1.1.1.1";
/** ifHCOutOctets. */
const OUT_OCTETS = "1.3.6.1.2.1.31.1.1.1.10";
const OPER_STATUS = "1.3.6.1.2.1.2.2.1.8";
const GROUP_STATE = "1.3.6.1.4.1.8072.9999.9999.10191.1.1.1.6";
const ROWS = ["ipmp0", "va", "vb"];
const AGENT = `127.0.0.1:${PORT}`;
const V2C = ["-v2c", "-c", "public", "-r10", "-t2"];

async function stage(t: Parameters<typeof Program.start>[0]) {
  const ns = Netns.create(t, "monitor");
  const away = Netns.create(t, "away");
  ns.addVeth("va", "pa", away);
  ns.addVeth("vb", "pb", away);
  const program = await Program.start(t, {
    ns,
    config: "groups: [{ name: ipmp0, interfaces: [va, vb] }]\n",
    args: [`--snmp.listen-address=udp:${AGENT}`],
  });
  const { stdout } = await manager(ns, "snmpwalk", ...V2C, "-Onq", AGENT, IF_NAME);
  const index = (name: string) => new RegExp(`\\.(\\d+) "?${name}"?$`, "m").exec(stdout)?.[1] ?? "";
  const fail = async () => {
    for (const peer of ["pa", "pb"]) away.ip("link", "set", peer, "down");
    await program.until('ipmp_group_state{group="ipmp0",state="failed"}', "1");
  };
  return { ns, program, index, fail };
}

describe("Debian's monitoring programs", { skip }, () => {
  test("monitoring-plugins: OK while the group works, CRITICAL once it has failed", async (t) => {
    const { ns, index, fail } = await stage(t);
    const check = (plugin: string, ...args: readonly string[]) =>
      manager(ns, `${PLUGINS}/${plugin}`, "-H", "127.0.0.1", ...args);
    const checks = {
      check_ifstatus: () => check("check_ifstatus", "-p", PORT, "-C", "public", "-v", "2"),
      "check_ifoperstatus by index": () =>
        check("check_ifoperstatus", "-p", PORT, "-C", "public", "-v", "2", "-k", index("ipmp0")),
      "check_ifoperstatus by name": () =>
        check("check_ifoperstatus", "-p", PORT, "-C", "public", "-v", "2", "-d", "ipmp0"),
      "check_snmp of ifOperStatus": () =>
        check(
          "check_snmp",
          "-p",
          PORT,
          "-C",
          "public",
          "-P",
          "2c",
          "-o",
          `${OPER_STATUS}.${index("ipmp0")}`,
          "-c",
          "1:1",
        ),
      "check_snmp of ipmpGroupState": () =>
        check(
          "check_snmp",
          "-p",
          PORT,
          "-C",
          "public",
          "-P",
          "2c",
          "-o",
          `${GROUP_STATE}.${index("ipmp0")}`,
          "-w",
          "1:1",
          "-c",
          "1:2",
        ),
    };
    const all = await checks.check_ifstatus();
    assert.match(all.stdout, /up: 3, down: 0/, "the group and both members");
    for (const [name, run] of Object.entries(checks)) {
      const { code, stdout, stderr } = await run();
      assert.equal(code, 0, `${name}: ${stdout}${stderr}`);
    }
    await fail();
    for (const [name, run] of Object.entries(checks)) {
      let last = "";
      // The agent may answer from a snapshot that is a second old.
      await eventually(
        async () => {
          const { code, stdout } = await run();
          last = `${code} ${stdout}`;
          return code === 2;
        },
        () => `${name}: ${last}`,
      );
    }
    assert.match((await checks.check_ifstatus()).stdout, /down: 3/);
  });

  test("cfgmaker finds group and members, leaves out those that are down, and mrtg reads what they carry", async (t) => {
    const { ns, index, fail } = await stage(t);
    const folder = scratch(t);
    const made = async () =>
      (await manager(ns, "cfgmaker", "--ifref=name", "--global", `WorkDir: ${folder}`, `public@127.0.0.1:${PORT}::::2`))
        .stdout;
    const targets = (config: string) =>
      [...config.matchAll(/^Target\[[^\]]*\]: #(\S+):public/gm)].map(([, name]) => name);
    const config = await made();
    assert.deepEqual(targets(config).toSorted(), ROWS, config);
    const file = join(folder, "mrtg.cfg");
    writeFileSync(file, config);
    ns.send("va", { packets: 20, bytes: 1000 });
    // Managers share a reading of the counters for a second.
    const octets = [
      "snmpget",
      "-v2c",
      "-c",
      "public",
      "-Oqv",
      `127.0.0.1:${PORT}`,
      `${OUT_OCTETS}.${index("ipmp0")}`,
    ] as const;
    await eventually(
      async () => Number((await manager(ns, ...octets)).stdout) >= 20 * 1042,
      () => "the agent does not tell what was sent",
    );
    await manager(ns, "env", "LANG=C", "mrtg", file);
    const logs = readdirSync(folder).filter((name) => name.endsWith(".log"));
    assert.equal(logs.length, ROWS.length, logs.join(" "));
    // The first line: when, octets in, octets out, as they were read.
    const read = readFileSync(join(folder, logs.find((name) => name.includes("ipmp0")) ?? ""), "utf8");
    assert.ok(Number(read.split("\n", 1)[0]?.split(" ")[2]) >= 20 * 1042, read.slice(0, 200));
    assert.notEqual(index("ipmp0"), "");
    await fail();
    let last = "";
    await eventually(
      async () => {
        last = await made();
        return (
          targets(last).length === 0 &&
          ROWS.every((name) =>
            new RegExp(`it is operationally DOWN[^]*${name}|${name}[^]*it is operationally DOWN`).test(last),
          )
        );
      },
      () => last,
    );
  });

  test("collectd reads the octets of group and members, and their status", async (t) => {
    const { ns, program, fail } = await stage(t);
    const folder = scratch(t);
    mkdirSync(join(folder, "csv"));
    const file = join(folder, "collectd.conf");
    writeFileSync(
      file,
      `Interval 1
BaseDir "${folder}"
PIDFile "${folder}/pid"
LoadPlugin csv
LoadPlugin snmp
<Plugin csv>
  DataDir "${folder}/csv"
</Plugin>
<Plugin snmp>
  <Data "octets">
    Type "if_octets"
    Table true
    Instance "${IF_NAME}"
    Values "1.3.6.1.2.1.31.1.1.1.6" "1.3.6.1.2.1.31.1.1.1.10"
  </Data>
  <Data "status">
    Type "gauge"
    Table true
    Instance "${IF_NAME}"
    Values "${OPER_STATUS}"
  </Data>
  <Host "agent">
    Address "${AGENT}"
    Version 2
    Community "public"
    Collect "octets" "status"
  </Host>
</Plugin>
`,
    );
    ns.spawn(["collectd", "-f", "-C", file], { stdio: "ignore" });
    const last = (name: string): string => {
      const place = join(folder, "csv", "agent", "snmp");
      const [csv] = existsSync(place) ? readdirSync(place).filter((one) => one.startsWith(`${name}-2`)) : [];
      return csv ? (readFileSync(join(place, csv), "utf8").trim().split("\n").at(-1) ?? "") : "";
    };
    for (const row of ROWS) {
      await eventually(
        () => /,1(\.0+)?$/.test(last(`gauge-${row}`)) && last(`if_octets-${row}`) !== "",
        () => `${row}: ${last(`gauge-${row}`)} ${last(`if_octets-${row}`)}\n${program.log.join("\n")}`,
      );
    }
    await fail();
    for (const row of ROWS) {
      await eventually(
        () => /,2(\.0+)?$/.test(last(`gauge-${row}`)),
        () => `${row}: ${last(`gauge-${row}`)}`,
      );
    }
  });
});
