import assert from "node:assert/strict";
import { test } from "node:test";
import { type CountedLink, GroupDiscards } from "#src/daemon/groups/discards.js";
import { Schema } from "#src/kstat/schema.js";

const schemaOf = (...names: readonly string[]) => new Schema(names.map((name) => ({ name, type: "uint64" as const })));

function link(inn: bigint, out: bigint): CountedLink {
  return { schema: schemaOf("norcvbuf", "noxmtbuf"), settled: { counters: BigUint64Array.of(inn, out) } };
}

test("a group's discards are those of its members while they were members, and never fall", () => {
  const group = new GroupDiscards();
  assert.deepEqual(group.total(), { in: undefined, out: undefined });
  const [one, other] = [link(1000n, 5n), link(0n, 0n)];
  group.joined(one);
  group.joined(other);
  assert.deepEqual(group.total(), { in: 0n, out: 0n }, "what was before the join is not the group's");
  one.settled.counters.set([1007n, 6n]);
  other.settled.counters.set([30n, 0n]);
  assert.deepEqual(group.total(), { in: 37n, out: 1n });
  group.left(one);
  assert.deepEqual(group.total(), { in: 37n, out: 1n });
  one.settled.counters.set([5000n, 6000n]);
  assert.deepEqual(group.total(), { in: 37n, out: 1n }, "what comes after the leave is not");
  group.joined(one);
  one.settled.counters.set([5001n, 6000n]);
  assert.deepEqual(group.total(), { in: 38n, out: 1n });
});

test("what no member's system tells is not known, and does not count as none", () => {
  const group = new GroupDiscards();
  group.joined({ schema: schemaOf("norcvbuf"), settled: { counters: BigUint64Array.of(3n) } });
  assert.deepEqual(group.total(), { in: 0n, out: undefined });
});
