/** States to save, small and arbitrary. */

import fc from "fast-check";
import { NET_COUNT } from "#src/kstat/net.js";
import { encodeRecord, TextWriter } from "#src/state/record.js";
import type { SavedFlag, SavedState } from "#src/state/saved-state.js";
import { SlotImage } from "#src/state/slot.js";

/** The record of a state, as bytes. */
export function fileOf(state: SavedState, generation = 1): Uint8Array {
  const text = new TextWriter().write(state);
  const image = new SlotImage(state);
  image.take();
  return new Uint8Array(Buffer.concat(encodeRecord(generation, text, image.rows))); // a Buffer's slice() would not be a copy
}

/** Objects as the program makes them, with a prototype. */
function record<T>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<T> {
  return fc.record(model, { noNullPrototype: true });
}

const word = fc.bigInt({ min: 0n, max: (1n << 64n) - 1n });
/** Nanoseconds. */
const time = fc.bigInt({ min: 0n, max: (1n << 63n) - 1n });
const text = fc.string({ unit: "binary", maxLength: 12 });
const name = fc.string({ unit: "binary", minLength: 1, maxLength: 12 });
const ifindex = fc.integer({ min: 1, max: 2_147_483_647 });
const words = (length: number) =>
  fc.array(word, { minLength: length, maxLength: length }).map((values) => BigUint64Array.from(values));
const engineId = fc.uint8Array({ minLength: 5, maxLength: 32 }).map((octets) => Buffer.from(octets).toString("hex"));
const counts = record({ link: word, probe: word });

export const aState: fc.Arbitrary<SavedState> = fc.uniqueArray(name, { maxLength: 6 }).chain((statistics) => {
  const reading = (width: number) => record({ counters: words(width), seen: words(width), seenAt: time });
  const member = record({
    device: name,
    ifindex,
    lladdr: text,
    crtime: time,
    joinedAt: time,
    offlined: fc.boolean(),
    flags: fc.subarray<SavedFlag>(["FAILED", "OFFLINE", "INACTIVE", "STANDBY"]),
    baseline: words(NET_COUNT),
  });
  const here = fc
    .tuple(member, reading(statistics.length))
    .map(([of, read]) => ({ source: "local", ...of, reading: read }));
  const there = fc.tuple(member, reading(2)).map(([of, read]) => ({ source: "sw1", ...of, reading: read }));
  const group = record({
    name,
    ifname: name,
    ifindex,
    crtime: time,
    state: fc.constantFrom("ok", "degraded", "failed"),
    stateSince: time,
    stateTime: record({ ok: time, degraded: time, failed: time }),
    failovers: word,
    lastFailoverMs: fc.option(fc.nat(), { nil: undefined }),
    vanished: fc.array(name, { maxLength: 2 }),
    health: fc.array(record({ device: name, failures: counts, repairs: counts }), { maxLength: 2 }),
    departed: words(NET_COUNT),
    members: fc.array(fc.oneof(here, there), { maxLength: 3 }),
  });
  const uplinks = record({
    source: fc.constantFrom("route", "default"),
    rank: fc.constantFrom(1, 2, 3),
    members: fc.array(ifindex, { maxLength: 3 }),
  });
  return record({
    system: record({ boot: text, namespace: text }),
    sources: fc.constant([
      { name: "local", statistics },
      { name: "sw1", statistics: ["rbytes64", "obytes64"] },
    ]),
    groups: fc.array(group, { maxLength: 3 }),
    uplinks: fc.option(uplinks, { nil: undefined }),
    snmp: fc.option(record({ engineId, engineBoots: fc.nat() }), { nil: undefined }),
  });
});

/** A state of one group with one member, for files that are damaged in every place. */
export const smallState: SavedState = {
  system: { boot: "3f1c", namespace: "net:[4026531840]" },
  sources: [{ name: "local", statistics: ["rbytes64", "obytes64"] }],
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
          source: "local",
          device: "eth0",
          ifindex: 2,
          lladdr: "02:00:00:00:00:02",
          crtime: 14n,
          joinedAt: 15n,
          offlined: false,
          baseline: new BigUint64Array(NET_COUNT),
          reading: { counters: BigUint64Array.of(1n << 63n, 7n), seen: BigUint64Array.of(5n, 6n), seenAt: 16n },
        },
      ],
    },
  ],
  uplinks: { source: "route", rank: 1, members: [2, 3] },
  snmp: { engineId: "80001f8805a1b2c3", engineBoots: 3 },
};
