/** States to save, small and arbitrary. */

import fc from "fast-check";
import { NET_COUNT } from "#src/kstat/net.js";
import { encodeBody, encodeFile, encodeReadings, type SavedState } from "#src/state/saved-state.js";

export function fileOf(state: SavedState): Uint8Array {
  const file = encodeFile(encodeBody(state), encodeReadings(state.groups.flatMap(({ members }) => members)));
  return new Uint8Array(file); // a Buffer's slice() would not be a copy
}

/** Objects as the program makes them, with a prototype. */
function record<T>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<T> {
  return fc.record(model, { noNullPrototype: true });
}

const word = fc.bigInt({ min: 0n, max: (1n << 64n) - 1n });
const text = fc.string({ unit: "binary", maxLength: 12 });
const words = (length: number) =>
  fc.array(word, { minLength: length, maxLength: length }).map((values) => BigUint64Array.from(values));
const counts = record({ link: word, probe: word });

export const aState: fc.Arbitrary<SavedState> = fc.uniqueArray(text, { maxLength: 6 }).chain((statistics) => {
  const member = record({
    device: text,
    ifindex: fc.nat(),
    lladdr: text,
    crtime: word,
    joinedAt: word,
    offlined: fc.boolean(),
    baseline: words(NET_COUNT),
    counters: words(statistics.length),
    seen: words(statistics.length),
    seenAt: word,
  });
  const group = record({
    name: text,
    ifname: text,
    ifindex: fc.nat(),
    crtime: word,
    state: fc.constantFrom("ok", "degraded", "failed"),
    stateSince: word,
    stateTime: record({ ok: word, degraded: word, failed: word }),
    failovers: word,
    lastFailoverMs: fc.option(fc.nat(), { nil: undefined }),
    vanished: fc.array(text, { maxLength: 2 }),
    health: fc.array(record({ device: text, failures: counts, repairs: counts }), { maxLength: 2 }),
    departed: words(NET_COUNT),
    members: fc.array(member, { maxLength: 3 }),
  });
  const uplinks = record({
    source: fc.constantFrom("route", "default"),
    rank: fc.constantFrom(1, 2, 3),
    members: fc.array(fc.nat(), { maxLength: 3 }),
  });
  return record({
    system: record({ boot: text, namespace: text }),
    statistics: fc.constant(statistics),
    groups: fc.array(group, { maxLength: 3 }),
    uplinks: fc.option(uplinks, { nil: undefined }),
    snmp: fc.option(record({ engineId: text, engineBoots: fc.nat() }), { nil: undefined }),
  });
});

/** A state of one group with one member, for files that are damaged in every place. */
export const smallState: SavedState = {
  system: { boot: "3f1c", namespace: "net:[4026531840]" },
  statistics: ["rbytes64", "obytes64"],
  groups: [
    {
      name: "ipmp0",
      ifname: "ipmp0",
      ifindex: 1001,
      crtime: 12n,
      state: "ok",
      stateSince: 13n,
      stateTime: { ok: 1n, degraded: 0n, failed: 0n },
      failovers: 2n,
      lastFailoverMs: 1_700_000_000_000,
      vanished: [],
      health: [{ device: "eth0", failures: { link: 1n }, repairs: { link: 1n } }],
      departed: new BigUint64Array(NET_COUNT),
      members: [
        {
          device: "eth0",
          ifindex: 2,
          lladdr: "02:00:00:00:00:02",
          crtime: 14n,
          joinedAt: 15n,
          offlined: false,
          baseline: new BigUint64Array(NET_COUNT),
          counters: BigUint64Array.of(1n << 63n, 7n),
          seen: BigUint64Array.of(5n, 6n),
          seenAt: 16n,
        },
      ],
    },
  ],
  uplinks: { source: "route", rank: 1, members: [2, 3] },
  snmp: { engineId: "80001f88", engineBoots: 3 },
};
