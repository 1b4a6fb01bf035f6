/** Which switch a link leads to, as lldpd says it: on a host with lldpd, and behind bridges with lldpd of their own. */

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { Chassis } from "../support/chassis.ts";
import { hostBehindSwitches, NO_LLDPD } from "../support/lldp.ts";
import { AS_NOBODY, Netns, NO_NETNS } from "../support/netns.ts";
import { Program } from "../support/program.ts";
import { scratch } from "../support/scratch.ts";
import { withoutTools } from "../support/snmp-tools.ts";
import { groupBecomes, groupView } from "../support/uplinks.ts";
import { eventually } from "../support/wait.ts";

const skip = NO_NETNS || NO_LLDPD;
const CONFIG = "groups: [{name: wan, interfaces: [u0, u1]}]\n";
/** Two programs on one host would both want its port. */
const NO_SNMP = ["--snmp.listen-address=none"];
/** Where snmpd and lldpd meet. */
const AGENTX = "tcp:127.0.0.1:705";
const BOTH = "ok: u0 active, u1 active";

async function fate(program: Program, name = "wan") {
  const group = (await groupView(program, name)) as unknown as {
    readonly shared_fate: readonly { readonly kind: string; readonly domain: string }[];
    readonly survives: Readonly<Record<string, boolean>>;
  };
  const shared = group.shared_fate.filter(({ kind }) => kind === "switch").map(({ domain }) => domain);
  return { shared, survives: group.survives["switch"] };
}

describe("the switch behind a link", { skip }, () => {
  test("is one for both, when both far ends plug into one bridge; what if it fails is an outage", async (t) => {
    const { ns, socket } = await hostBehindSwitches(t, "sw1", "sw1");
    const program = await Program.start(t, { ns, config: `${CONFIG}path: {lldpd_socket: ${socket}}\n` });
    await groupBecomes(program, "wan", BOTH);
    await eventually(
      async () => (await fate(program)).survives === false,
      () => program.log.join("\n"),
    );
    const { shared } = await fate(program);
    assert.match(shared.join(), /^([0-9a-f]{2}:){5}[0-9a-f]{2}$/);
    assert.match(JSON.stringify(await groupView(program, "wan")), /both members lead to one switch/);
    const answer = await program.get(`/api/v1/groups/wan?without=switch=${shared[0]}`);
    assert.match(answer.body, /"state":"failed"/);
    const { links } = JSON.parse((await program.get("/api/v1/links")).body) as {
      readonly links: readonly { readonly name: string; readonly lldp_neighbour: unknown }[];
    };
    const neighbours = links.filter(({ name }) => name.startsWith("u")).map(({ lldp_neighbour: told }) => told);
    assert.deepEqual(
      neighbours.map((told) => (told as { readonly port: string }).port),
      ["p0", "p1"],
    );
  });

  test("is another for each of two, and the loss of one is survived", async (t) => {
    const { ns, socket } = await hostBehindSwitches(t, "sw1", "sw2");
    const program = await Program.start(t, { ns, config: `${CONFIG}path: {lldpd_socket: ${socket}}\n` });
    await groupBecomes(program, "wan", BOTH);
    await eventually(
      async () => (await fate(program)).survives === true,
      () => program.log.join("\n"),
    );
    assert.deepEqual((await fate(program)).shared, []);
  });

  test("is nobody's to know whom lldpd does not let ask, which is said; in its groups the program may, without any privilege", async (t) => {
    const { ns, socket } = await hostBehindSwitches(t, "sw1", "sw1");
    const config = `${CONFIG}path: {lldpd_socket: ${socket}}\n`;
    const closed = await Program.start(t, { ns, config, args: NO_SNMP, through: AS_NOBODY });
    await eventually(
      () => closed.log.some((line) => line.includes("switches are not known by LLDP")),
      () => closed.log.join("\n"),
    );
    assert.deepEqual(await fate(closed), { shared: [], survives: undefined });
    const groups = ["adm", "_lldpd"].map(
      (name) => execFileSync("getent", ["group", name], { encoding: "utf8" }).split(":")[2],
    );
    const through = AS_NOBODY.map((word) => (word === "--clear-groups" ? `--groups=${groups.join(",")}` : word));
    const open = await Program.start(t, { ns, config, args: NO_SNMP, through });
    await eventually(
      async () => (await fate(open)).survives === false,
      () => open.log.join("\n"),
    );
  });

  test("is not claimed where no lldpd runs, and nothing is said of that", async (t) => {
    const ns = Netns.create(t, "lldp-none");
    for (const n of [0, 1]) ns.addVeth(`u${n}`, `p${n}`);
    const [client, asked] = [join(scratch(t), "lldpcli"), join(scratch(t), "asked")];
    writeFileSync(client, `#!/bin/sh\nlldpcli "$@"\nstatus=$?\n: >${asked}\nexit $status\n`, { mode: 0o755 });
    const config = `${CONFIG}path: {lldpcli: ${client}, lldpd_socket: /run/no-such-lldpd.socket}\n`;
    const program = await Program.start(t, { ns, config });
    await groupBecomes(program, "wan", BOTH);
    const children = () => readFileSync(`/proc/${program.pid}/task/${program.pid}/children`, "utf8");
    await eventually(
      () => existsSync(asked) && children() === "",
      () => `nobody has been asked, or is still: ${children()}`,
    );
    assert.deepEqual(await fate(program), { shared: [], survives: undefined });
    assert.doesNotMatch(program.log.join("\n"), /LLDP/);
  });

  test("is one for a link of this host and a port of a device, whose LLDP-MIB lldpd tells through snmpd", {
    skip: withoutTools("snmpd", "snmpset", "snmpget"),
  }, async (t) => {
    const { ns, socket, switches } = await hostBehindSwitches(t, "sw1", "sw2");
    const far = switches.get("sw1");
    assert.ok(far);
    const home = scratch(t);
    chmodSync(home, 0o755); // lldpd runs as a user of its own
    const device = await Chassis.create(t, ns, 9, () => ["master agentx", `agentXSocket ${AGENTX}`]);
    device.ns.addVeth("eth50", "far50");
    for (const end of ["far", "far50"]) {
      device.ns.ip("link", "set", end, "netns", far.name);
      far.ip("link", "set", end, "master", "br0", "up");
    }
    device.ns.spawn(["lldpd", "-d", "-u", join(home, "lldpd.sock"), "-x", "-X", AGENTX], { stdio: "ignore" });
    const source = `{ name: dev, kind: snmp, target: "${device.target}", interval: 500ms, timeout: 300ms }`;
    const mixed = (uplink: string, port: string) =>
      `{ name: ${uplink}-dev, interfaces: [${uplink}, { source: dev, device: ${port} }] }`;
    const config = `sources: [${source}]
groups: [${mixed("u0", "eth49")}, ${mixed("u1", "eth50")}]
path: {lldpd_socket: ${socket}}
`;
    const program = await Program.start(t, { ns, config, args: NO_SNMP });
    let survive: readonly (boolean | undefined)[] = [];
    await eventually(
      async () => {
        survive = [(await fate(program, "u0-dev")).survives, (await fate(program, "u1-dev")).survives];
        return survive[0] === false && survive[1] === true;
      },
      () => `${survive.join()}\n${program.log.join("\n")}`,
    );
    assert.equal((await fate(program, "u0-dev")).shared.length, 1);
  });
});
