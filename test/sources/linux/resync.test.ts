import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { LinkAttributes } from "#src/link/link-attributes.js";
import { joinResync, type LinkEvent } from "#src/sources/linux/resync.js";
import type { SourceEvent } from "#src/sources/source.js";

const link = (ifindex: number, running = true) => ({ ifindex, running }) as LinkAttributes; // the rest does not matter here
const up = (ifindex: number): LinkEvent => ({ kind: "link", link: link(ifindex), counters: undefined });
const down = (ifindex: number): LinkEvent => ({ kind: "link", link: link(ifindex, false), counters: undefined });
const gone = (ifindex: number): LinkEvent => ({
  kind: "gone",
  ifindex,
  name: "",
  counters: BigUint64Array.of(BigInt(ifindex)),
});

const speed = (ifindex: number): LinkEvent => ({ kind: "speed", ifindex, speedBitsPerSecond: 1e9 });

function join(listed: readonly number[], later: readonly LinkEvent[], known: readonly number[] = listed): string[] {
  const links = listed.map((ifindex) => ({ link: link(ifindex), counters: undefined }));
  return joinResync("gap", links, later, (ifindex) => known.includes(ifindex)).map(brief);
}

function brief(event: SourceEvent): string {
  if (event.kind === "resync") return `list ${event.links.map((state) => state.link.ifindex).join(" ")}`;
  if (event.kind === "link") return `${event.link.running ? "up" : "down"} ${event.link.ifindex}`;
  if (event.kind === "speed") return `speed ${event.ifindex}`;
  return event.kind === "gone" ? `gone ${event.ifindex}` : event.kind;
}

describe("a list of links joined with the events received after it", () => {
  test("stands alone when nothing has happened", () => assert.deepEqual(join([1, 2], []), ["list 1 2"]));

  test("a link that went before the list was read: its last counters come before the list", () =>
    assert.deepEqual(join([1], [gone(2)], [1, 2]), ["gone 2", "list 1"]));

  test("a link that went after it: its last counters come after the list", () =>
    assert.deepEqual(join([1, 2], [gone(2)]), ["list 1 2", "gone 2"]));

  test("a flap that may have been over before the list is not shown again", () =>
    assert.deepEqual(join([1], [down(1), up(1)]), ["list 1", "up 1"]));

  test("the last word on each link comes after the list", () =>
    assert.deepEqual(join([1, 2], [up(1), down(2), down(1)]), ["list 1 2", "down 1", "down 2"]));

  test("a link that came after the list", () => assert.deepEqual(join([1], [up(3)]), ["list 1", "up 3"]));

  test("a link that came and went, and was never known, is not mentioned", () =>
    assert.deepEqual(join([1], [up(3), gone(3)]), ["list 1"]));

  test("a link that changed and went: only its end", () =>
    assert.deepEqual(join([1], [down(1), gone(1)]), ["list 1", "gone 1"]));

  test("a link that went and came again under the same number", () =>
    assert.deepEqual(join([1], [gone(1), down(1), up(1)]), ["list 1", "gone 1", "up 1"]));

  test("a speed comes after the list and after what was told of the link before it", () =>
    assert.deepEqual(join([1, 2], [up(1), speed(1), speed(2)]), ["list 1 2", "up 1", "speed 1", "speed 2"]));

  test("a speed is not told behind a later word on the link, nor of one that went", () =>
    assert.deepEqual(join([1, 2], [speed(1), up(1), speed(2), gone(2)]), ["list 1 2", "up 1", "gone 2"]));
});
