/** What if a device failed: said before, and then it no longer answers. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeDevice } from "../support/fake-device.ts";
import { Program } from "../support/program.ts";
import { groupBecomes, groupView } from "../support/uplinks.ts";
import { eventually } from "../support/wait.ts";

/** State and members of both groups, as they are or would be. */
async function arrangement(program: Program, query = ""): Promise<string> {
  const { body } = await program.get(`/api/v1/groups${query}`);
  const { groups } = JSON.parse(body) as {
    readonly groups: readonly {
      readonly name: string;
      readonly state: string;
      readonly members: readonly { readonly device: string; readonly source: string; readonly state: string }[];
    }[];
  };
  const of = groups.map(({ name, state, members }) => {
    const all = members.map((member) => `${member.source}:${member.device} ${member.state}`);
    return `${name} ${state}: ${all.join(", ")}`;
  });
  return of.join("; ");
}

test("what becomes of groups without a device is what becomes of them when it falls silent", async (t) => {
  const devices = [await FakeDevice.start(t), await FakeDevice.start(t)] as const;
  for (const device of devices) for (const n of [1, 2, 3]) device.add(n, `Ethernet${n}`);
  const sources = devices.map(
    ({ target }, n) =>
      `{ name: sw${n + 1}, kind: snmp, target: "${target}", interval: 500ms, timeout: 200ms, failures: 2 }`,
  );
  const link = (source: string, device: string) => `{ source: ${source}, device: ${device} }`;
  const config = `sources: [${sources.join(", ")}]
groups:
  - { name: both, interfaces: [${link("sw1", "Ethernet1")}, ${link("sw2", "Ethernet1")}] }
  - { name: one, interfaces: [${link("sw1", "Ethernet2")}, ${link("sw1", "Ethernet3")}] }
`;
  const program = await Program.start(t, { config });
  await groupBecomes(program, "one", "ok: Ethernet2 active, Ethernet3 active");
  await groupBecomes(program, "both", "ok: Ethernet1 active, Ethernet1 active");
  const { survives } = (await groupView(program, "one")) as unknown as { readonly survives: object };
  assert.deepEqual(survives, { link: true, chassis: false });
  const supposed = await arrangement(program, "?without=chassis=sw1");
  assert.match(supposed, /^both degraded: .*; one failed: /);
  devices[0].stop();
  let then = "";
  await eventually(
    async () => {
      then = await arrangement(program);
      return then === supposed;
    },
    () => `supposed ${supposed}\nthen ${then}`,
  );
});
