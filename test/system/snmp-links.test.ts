/** The MIB of the program while real links fail, come and go. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, type TestContext, test } from "node:test";
import { Netns, NO_NETNS } from "../support/netns.ts";
import { Program } from "../support/program.ts";
import { scratch } from "../support/scratch.ts";
import { COMMUNITY, manager, TrapReceiver, withoutTools } from "../support/snmp-tools.ts";
import type { Round } from "../support/snmp-walker.ts";
import { eventually } from "../support/wait.ts";

const AGENT = "udp:127.0.0.1:1161";

/** Reads the walker's rounds as they end. */
function walking(ns: Netns): readonly Round[] {
  const rounds: Round[] = [];
  const child = ns.spawn([process.execPath, join(import.meta.dirname, "../support/snmp-walker.js")], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let rest = "";
  child.stdout?.setEncoding("utf8").on("data", (text: string) => {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    rounds.push(...lines.map((line) => JSON.parse(line) as Round)); // the walker's own format
  });
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    rounds.push({ names: 0, changed: true, faults: [text] });
  });
  return rounds;
}

describe("walks while links come and go", { skip: NO_NETNS }, () => {
  test("go on in increasing order, and all ways of asking agree", async (t) => {
    const ns = Netns.create(t, "walks");
    for (const i of [0, 1, 2]) ns.addVeth(`v${i}`, `p${i}`);
    const config = 'groups: [{ name: ipmp0, interfaces: [{ match: "^v" }], addresses: [192.0.2.1, "2001:db8::1"] }]\n';
    const program = await Program.start(t, { ns, config });
    const rounds = walking(ns);
    const count = (changed: boolean) => rounds.filter((round) => round.changed === changed).length;
    const wellSoFar = () => assert.deepEqual(rounds.flatMap(({ faults }) => faults).slice(0, 5), []);

    let made = 3;
    await eventually(
      async () => {
        wellSoFar();
        ns.addVeth(`v${made}`, `p${made}`);
        ns.ip("link", "set", `p${made - 1}`, "down");
        ns.ip("link", "del", `v${made - 2}`);
        made++;
        await program.metrics();
        return count(true) >= 5;
      },
      () => `${rounds.length} walks, ${count(true)} with changes`,
    );
    const still = count(false);
    await eventually(
      () => {
        wellSoFar();
        return count(false) >= still + 3;
      },
      () => `${rounds.length} walks, ${count(false)} without changes`,
    );
    assert.ok(Math.min(...rounds.map(({ names }) => names)) > 200);
  });
});

describe("a group whose members fail one by one", { skip: NO_NETNS || withoutTools("snmpget", "snmptrapd") }, () => {
  function stage(t: TestContext) {
    const ns = Netns.create(t, "failing");
    for (const i of ["a", "b", "c"]) ns.addVeth(`v${i}`, `p${i}`);
    const folder = scratch(t);
    return { ns, folder };
  }

  test("is followed by ifOperStatus, ifHighSpeed, ifStackTable and notifications", async (t) => {
    const { ns, folder } = stage(t);
    const receiver = await TrapReceiver.start(ns, join(folder, "trapd"), ["authCommunity log public"]);
    const config = `groups: [{ name: ipmp0, interfaces: [va, vb, vc] }]
snmp:
  damping: 100ms
  notifications: [{ target: "udp:127.0.0.1:${TrapReceiver.PORT}" }]
`;
    await Program.start(t, { ns, folder, config });
    const ask = async (program: string, ...names: string[]) =>
      (await manager(ns, program, ...COMMUNITY, "-OQs", AGENT, ...names)).stdout.trim().split("\n");
    const get = async (...names: string[]) =>
      (await ask("snmpget", ...names)).map((line) => line.split(" = ")[1] ?? "");
    const names = await ask("snmpwalk", "IF-MIB::ifName");
    const indexOf = (name: string) => {
      const ifindex = names
        .map((line) => /^ifName\.(\d+) = (.*)$/.exec(line))
        .find((found) => found?.[2] === name)?.[1];
      assert.ok(ifindex, `${name} in ${names.join(", ")}`);
      return ifindex;
    };
    const group = indexOf("ipmp0");
    /** Members below the group in ifStackTable. */
    const below = async () =>
      (await ask("snmpwalk", "IF-MIB::ifStackStatus")).flatMap(
        (line) => new RegExp(`^ifStackStatus\\.${group}\\.(\\d+) = active$`).exec(line)?.[1] ?? [],
      );
    const shows = async (oper: string, speed: number) => {
      const wanted = [oper, String(speed)];
      let seen: string[] = [];
      await eventually(
        async () => {
          seen = await get(`IF-MIB::ifOperStatus.${group}`, `IF-MIB::ifHighSpeed.${group}`);
          return seen.join() === wanted.join();
        },
        () => `${seen.join()} should be ${wanted.join()}`,
      );
    };
    const [each = ""] = await get(`IF-MIB::ifHighSpeed.${indexOf("va")}`);
    const speed = Number(each);
    assert.ok(speed > 0);
    const [va, vb, vc] = [indexOf("va"), indexOf("vb"), indexOf("vc")];
    const all = new Set([va, vb, vc]);

    await shows("up", 3 * speed);
    assert.deepEqual(new Set(await below()), all);

    // The other end goes: the link is up as far as its owner is concerned, and carries nothing.
    ns.ip("link", "set", "pa", "down");
    await shows("up", 2 * speed);
    await receiver.received("IF-MIB::linkDown", `ifIndex.${va} = `, `ifAdminStatus.${va} = INTEGER: up(1)`);
    await receiver.received("ipmpMemberStateChange", "STRING: va", "failed(3)");
    await receiver.received("ipmpGroupStateChange", "degraded(2)");

    ns.ip("link", "set", "pb", "down");
    await shows("up", speed);
    await receiver.received("IF-MIB::linkDown", `ifIndex.${vb} = `);
    assert.deepEqual(new Set(await below()), all, "a member that has failed is still one");

    ns.ip("link", "set", "pc", "down");
    await shows("down", 0);
    await receiver.received("IF-MIB::linkDown", `ifIndex.${group} = `, "ifOperStatus", "down(2)");
    await receiver.received("ipmpGroupStateChange", "failed(3)");

    const [stackBefore = "", tableBefore = ""] = await get(
      "IF-MIB::ifStackLastChange.0",
      "IF-MIB::ifTableLastChange.0",
    );
    ns.ip("link", "del", "va");
    await eventually(
      async () => !(await below()).includes(va),
      () => "the stack still has a link that is gone",
    );
    assert.deepEqual(new Set(await below()), new Set([vb, vc]));
    const [stackAfter, tableAfter] = await get("IF-MIB::ifStackLastChange.0", "IF-MIB::ifTableLastChange.0");
    assert.notEqual(stackAfter, stackBefore);
    assert.notEqual(tableAfter, tableBefore);

    receiver.forget();
    ns.ip("link", "set", "pb", "up");
    await shows("up", speed);
    await receiver.received("IF-MIB::linkUp", `ifIndex.${group} = `, "up(1)");
    await receiver.received("IF-MIB::linkUp", `ifIndex.${vb} = `);
    await receiver.received("ipmpGroupStateChange", "degraded(2)");
    await receiver.received("ipmpMemberStateChange", "STRING: vb", "active(1)");
  });
});
