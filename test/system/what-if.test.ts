/** What the program says would happen, and what then happens to real links. */

import { describe, test } from "node:test";
import { Random } from "../simulation/random.ts";
import { type Netns, NO_NETNS } from "../support/netns.ts";
import { Program } from "../support/program.ts";
import { hostWithUplinks } from "../support/uplinks.ts";
import { eventually } from "../support/wait.ts";
import { shuffled } from "../what-if/world.ts";

const WORLDS = 20;
/** SIMULATION_SEED begins with another world. */
const first = Number(process.env["SIMULATION_SEED"] ?? 1);

interface Group {
  readonly name: string;
  readonly state: string;
  readonly link_up: boolean;
  readonly capacity_bits_per_second: number | null;
  readonly capacity_without_largest_bits_per_second: number | null;
  readonly cast_device: unknown;
  readonly addresses: readonly { readonly address: string; readonly inbound: string | null }[] | null;
  readonly survives: unknown;
  readonly members: readonly {
    readonly device: string;
    readonly state: string;
    readonly active: boolean;
    readonly flags: readonly string[];
    readonly reason: string | null;
    readonly bound_addresses: number | null;
    readonly domains: unknown;
  }[];
}

async function arrangement(program: Program, query = ""): Promise<unknown> {
  const { groups } = JSON.parse((await program.get(`/api/v1/groups${query}`)).body) as {
    readonly groups: readonly Group[];
  };
  return groups.map((group) => ({
    name: group.name,
    state: group.state,
    link_up: group.link_up,
    capacity: [group.capacity_bits_per_second, group.capacity_without_largest_bits_per_second],
    cast_device: group.cast_device,
    addresses: group.addresses?.map(({ address, inbound }) => `${address} on ${inbound}`),
    survives: group.survives,
    members: group.members.map(({ device, state, active, flags, reason, bound_addresses: bound, domains }) => ({
      ...{ device, state, active, flags, reason, bound, domains },
    })),
  }));
}

/** A host with uplinks, some with links on them, in groups with standby members and addresses. */
function aHost(
  t: { after(hook: () => void): void },
  random: Random,
  seed: number,
): { ns: Netns; config: string; uplinks: number } {
  const uplinks = 2 + random.below(4);
  const ns = hostWithUplinks(t, `what-if-${seed}`, uplinks);
  const names = Array.from({ length: uplinks }, (_, n) => `u${n}`);
  for (let n = random.below(3); n > 0; n--) {
    const name = `m${n}`;
    ns.ip("link", "add", name, "link", `u${random.below(uplinks)}`, "type", "macvlan", "mode", "bridge");
    ns.ip("link", "set", name, "up");
    ns.waitFor(name, "UP");
    names.push(name);
  }
  const all = shuffled(names, random);
  const groups: string[] = [];
  while (all.length > 0) {
    const n = groups.length;
    const members = all.splice(0, 1 + random.below(4));
    const interfaces = members.map((device) => `{device: ${device}, standby: ${random.chance(30)}}`).join(", ");
    const addresses = Array.from({ length: random.below(6) }, (_, host) => `192.0.${n}.${host + 1}`).join(", ");
    groups.push(
      `{name: g${n}, interfaces: [${interfaces}], addresses: [${addresses}], min_active: ${1 + random.below(Math.min(2, members.length))}}`,
    );
  }
  return { ns, config: `groups: [${groups.join(", ")}]`, uplinks };
}

describe("what if something failed", { skip: NO_NETNS, concurrency: 2 }, () => {
  for (let seed = first; seed < first + WORLDS; seed++) {
    test(`is answered as it happens to real links, world ${seed}`, async (t) => {
      const random = new Random(seed);
      const { ns, config, uplinks } = aHost(t, random, seed);
      const program = await Program.start(t, { ns, config });
      if (random.chance(40)) {
        const lost = random.below(uplinks);
        ns.ip("link", "set", `p${lost}`, "down"); // somebody is lost already
        await eventually(
          async () => JSON.stringify(await arrangement(program)).includes(`"device":"u${lost}","state":"failed"`),
          () => `u${lost} has not failed`,
        );
      }
      const gone = random.below(uplinks);
      const supposed = await arrangement(program, `?without=u${gone}`);
      ns.ip("link", "set", `p${gone}`, "down");
      let then: unknown;
      await eventually(
        async () => {
          then = await arrangement(program);
          return JSON.stringify(then) === JSON.stringify(supposed);
        },
        () => `${config}\nwithout u${gone} supposed\n${JSON.stringify(supposed)}\nand is\n${JSON.stringify(then)}`,
      );
    });
  }
});
