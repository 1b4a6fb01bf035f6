/** What members have in common, as the program finds it on real links and routes. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, test } from "node:test";
import { Netns, NO_NETNS } from "../support/netns.ts";
import { Program } from "../support/program.ts";
import { groupBecomes, groupView, hostWithUplinks } from "../support/uplinks.ts";
import { scratch } from "../support/scratch.ts";
import { COMMUNITY, manager, startMaster, withoutTools } from "../support/snmp-tools.ts";
import { eventually } from "../support/wait.ts";

const NO_SNMP = withoutTools("snmpwalk", "snmpd");

const BOTH = "ok: u0 active, u1 active";
const ROUTER = "02:00:5e:10:00:01";

/** Two uplinks with one multipath route; the router of each has the MAC given. */
function withRouters(ns: Netns, ...lladdrs: readonly string[]): void {
  for (const [n, lladdr] of lladdrs.entries())
    ns.ip("neighbour", "replace", `10.9.${n}.254`, "lladdr", lladdr, "dev", `u${n}`, "nud", "permanent");
  const hops = lladdrs.flatMap((_, n) => ["nexthop", "via", `10.9.${n}.254`, "dev", `u${n}`]);
  ns.ip("route", "replace", "default", ...hops);
}

/** Samples of the two families, without the group. */
async function fateOf(program: Program, group: string): Promise<string[]> {
  const { body } = await program.get("/metrics");
  const lines = body.split("\n").filter((line) => /^ipmp_group_(shared_fate|survives)\{/.test(line));
  return lines
    .filter((line) => line.includes(`group="${group}"`))
    .map((line) => line.replace(`group="${group}",`, "").replace("ipmp_group_", ""))
    .sort();
}

async function fateBecomes(program: Program, group: string, wanted: readonly string[]): Promise<void> {
  let last: readonly string[] = [];
  await eventually(
    async () => {
      last = await fateOf(program, group);
      return JSON.stringify(last) === JSON.stringify(wanted);
    },
    () => `${group} has\n${last.join("\n")}\nand not\n${wanted.join("\n")}\n${program.log.join("\n")}`,
  );
}

describe("what members share", { skip: NO_NETNS }, () => {
  test("is the router, when two gateways have one MAC, and not any more when one gets another", async (t) => {
    const ns = hostWithUplinks(t, "router", 2);
    withRouters(ns, ROUTER, ROUTER);
    const program = await Program.start(t, { ns });
    await groupBecomes(program, "default", BOTH);
    await fateBecomes(program, "default", [
      `shared_fate{kind="gateway",domain="${ROUTER}"} 1`,
      'survives{kind="gateway"} 0',
      'survives{kind="link"} 1',
    ]);
    const group = await groupView(program, "default");
    assert.match(JSON.stringify(group), /both members lead to one gateway \(02:00:5e:10:00:01\)/);
    // The neighbour table alone changes: no link, no route.
    ns.ip("neighbour", "replace", "10.9.1.254", "lladdr", "02:00:5e:10:00:02", "dev", "u1", "nud", "permanent");
    await fateBecomes(program, "default", ['survives{kind="gateway"} 1', 'survives{kind="link"} 1']);
  });

  for (const [through, address] of [
    ["our own agent", "udp:127.0.0.1:1161"],
    ["a master agent", "udp:127.0.0.1:161"],
  ] as const)
    test(`is in the MIB, through ${through}`, { skip: NO_SNMP }, async (t) => {
      const ns = hostWithUplinks(t, "mib", 2);
      withRouters(ns, ROUTER, ROUTER);
      const folder = scratch(t);
      const socket = join(folder, "agentx.sock");
      const isOwn = through === "our own agent";
      if (!isOwn) await startMaster(ns, join(folder, "snmpd"), socket);
      const accepted = "shared_fate: [{kind: gateway, reason: one router by design}]\n";
      const config = `${accepted}${isOwn ? "" : `snmp: {listen_addresses: none, agentx: {socket: "${socket}"}}`}`;
      const program = await Program.start(t, { ns, folder, config });
      await groupBecomes(program, "default", BOTH);
      let rows: readonly string[] = [];
      await eventually(
        async () => {
          const walked = ["ipmpSharedFateTable", "ipmpSurvivesTable"].map((table) =>
            manager(ns, "snmpwalk", ...COMMUNITY, "-OQsX", address, `IPMP-EXPORTER-MIB::${table}`),
          );
          rows = (await Promise.all(walked)).flatMap(({ stdout }) => stdout.trim().split("\n"));
          return rows.length === 4;
        },
        () => rows.join("\n"),
      );
      assert.deepEqual(
        rows.map((row) => row.replace(/\[\d+\]/, "")),
        [
          `ipmpSharedFateAccepted[gateway]["${ROUTER}"] = true`,
          `ipmpSharedFateReason[gateway]["${ROUTER}"] = one router by design`,
          "ipmpSurvives[link] = true",
          "ipmpSurvives[gateway] = false",
        ],
      );
    });

  test("is not said of gateways whose MACs nobody knows", async (t) => {
    const ns = hostWithUplinks(t, "unknown", 2);
    ns.ip("route", "add", "default", ...[0, 1].flatMap((n) => ["nexthop", "via", `10.9.${n}.254`, "dev", `u${n}`]));
    const program = await Program.start(t, { ns });
    await groupBecomes(program, "default", BOTH);
    await fateBecomes(program, "default", ['survives{kind="link"} 1']);
  });

  test("is the link that all members lie on; alone a member shares nothing, and nothing survives its loss", async (t) => {
    const ns = Netns.create(t, "stacked");
    ns.addVeth("u0", "p0");
    ns.addVeth("u1", "p1");
    for (const id of [10, 20]) {
      // A VXLAN is bound to a link as a VLAN is, and every kernel has them.
      ns.ip("link", "add", `x${id}`, "type", "vxlan", "id", `${id}`, "dev", "u0", "dstport", "4789");
      ns.ip("link", "set", `x${id}`, "up");
    }
    const config = "groups: [{name: stacked, interfaces: [x10, x20]}, {name: single, interfaces: [u1]}]";
    const program = await Program.start(t, { ns, config });
    await groupBecomes(program, "stacked", "ok: x10 active, x20 active");
    await fateBecomes(program, "stacked", ['shared_fate{kind="link",domain="u0"} 1', 'survives{kind="link"} 0']);
    await fateBecomes(program, "single", ['survives{kind="link"} 0']);
  });

  test("is shown with the reason for which it is accepted, in place of the warning", async (t) => {
    const ns = hostWithUplinks(t, "accepted", 2);
    withRouters(ns, ROUTER, ROUTER);
    const domain = ROUTER.toUpperCase(); // as somebody may write a MAC
    const config = `shared_fate: [{group: default, kind: gateway, domain: "${domain}", reason: one router by design}]`;
    const program = await Program.start(t, { ns, config });
    await groupBecomes(program, "default", BOTH);
    await program.until(
      `ipmp_group_shared_fate{group="default",kind="gateway",domain="${ROUTER}",accepted="yes"}`,
      "1",
    );
    const text = JSON.stringify(await groupView(program, "default"));
    assert.match(text, /"accepted":"one router by design"/);
    assert.doesNotMatch(text, /both members lead/);
    assert.match((await program.get("/groups/default")).body, /one router by design/);
  });
});
