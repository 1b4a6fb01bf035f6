/** What must hold of every snapshot that anybody gets. */

import assert from "node:assert/strict";
import { NET_STATISTICS } from "#src/kstat/net.js";
import type { GroupSnapshot, LinkSnapshot, Snapshot } from "#src/snapshot/snapshot.js";
import { QUANTITY_OF } from "./system.ts";
import type { Bounds, Truth } from "./truth.ts";

const WORD = 1n << 64n;

/** What the truth says of each of the 15 statistics, as a quantity; undefined for what the source does not have. */
const QUANTITIES = NET_STATISTICS.map(({ name }) => QUANTITY_OF.get(name));

export type Published = ReadonlyMap<string, BigUint64Array>;

export class Invariants {
  /** The highest counters that anybody got, by what and since when. */
  #published = new Map<string, BigUint64Array>();
  /** When each link's kstat began, as first shown. */
  readonly #began = new WeakMap<object, bigint>();

  get published(): Published {
    return new Map(this.#published);
  }

  /** Another run, on a state that only protects so much. */
  restarted(published: Published): void {
    this.#published = new Map(published);
  }

  check(snapshot: Snapshot, truth: Truth, place: string): void {
    assert.deepEqual(
      snapshot.groups.map(({ ifname }) => ifname).sort(),
      [...truth.groups.keys()].sort(),
      "the groups there are",
    );
    for (const group of snapshot.groups) this.#checkGroup(group, truth, place);
    for (const link of snapshot.links) {
      const known = truth.link(link.id.ifindex);
      assert.ok(known, `link ${link.id.ifindex} is there`);
      const began = this.#began.get(known) ?? link.kstat.crtime;
      assert.equal(link.kstat.crtime, began, `when the kstat of ${link.attributes.name} began`);
      this.#began.set(known, began);
      this.#neverFalls(`${place} link ${link.id.ifindex} since ${link.kstat.crtime}`, link.kstat.values);
    }
    for (const group of snapshot.groups) checkKstat(group);
    checkNames(snapshot.links);
  }

  #checkGroup(group: GroupSnapshot, truth: Truth, place: string): void {
    const { ifname, members, total, departed } = group;
    const expected = truth.groups.get(ifname);
    const present = truth.members(ifname);
    assert.ok(expected);
    assert.deepEqual(
      members.map(({ device, link }) => [device, link.id.ifindex]),
      present.map(({ device, ifindex }) => [device, ifindex]),
      `members of ${ifname}`,
    );
    for (const [slot, { name }] of NET_STATISTICS.entries()) {
      const sum = members.reduce((so, { share }) => so + (share[slot] ?? 0n), departed[slot] ?? 0n) % WORD;
      assert.equal(total[slot], sum, `${name} of ${ifname} is departed plus present`);
    }
    within(departed, expected.departed, `departed share of ${ifname}`);
    for (const [n, { device, bounds }] of present.entries()) {
      within(members[n]?.share, bounds, `share of ${device} in ${ifname}`);
    }
    expected.crtime ??= group.crtime;
    assert.equal(group.crtime, expected.crtime, `when ${ifname} began`);
    this.#neverFalls(`${place} group ${ifname} since ${group.crtime}`, total);
    checkEngine(group);
  }

  #neverFalls(what: string, values: BigUint64Array): void {
    const before = this.#published.get(what);
    for (const [slot, value] of values.entries()) {
      const last = before?.[slot] ?? 0n;
      assert.ok(value >= last, `${what}: counter ${slot} fell from ${last} to ${value}`);
    }
    this.#published.set(what, values.slice());
  }
}

function within(counted: BigUint64Array | undefined, { least, most }: Bounds, what: string): void {
  for (const [slot, quantity] of QUANTITIES.entries()) {
    const value = counted?.[slot] ?? 0n;
    const low = quantity === undefined ? 0n : (least[quantity] ?? 0n);
    const high = quantity === undefined ? 0n : (most[quantity] ?? 0n);
    const name = NET_STATISTICS[slot]?.name;
    assert.ok(value >= low && value <= high, `${name}, ${what}: ${value} is not from ${low} to ${high}`);
  }
}

/** The engine's own order: addresses bound and balanced, a nominee that works, the least MTU. */
function checkEngine({ ifname, members, addresses = [], castDevice, mtu, linkUp }: GroupSnapshot): void {
  const active = members.filter((member) => member.active);
  for (const { device, active: isActive, boundAddresses = 0 } of members) {
    const bound = addresses.filter(({ inbound }) => inbound === device).length;
    assert.equal(boundAddresses, bound, `addresses bound to ${device} of ${ifname}`);
    assert.ok(isActive || bound === 0, `${device} of ${ifname} is not active and has addresses`);
  }
  const bound = active.map(({ boundAddresses = 0 }) => boundAddresses);
  assert.ok(Math.max(...bound, 0) - Math.min(...bound) <= 1 || bound.length === 0, `${ifname} is balanced: ${bound}`);
  if (active.length > 0) {
    assert.ok(
      addresses.every(({ inbound }) => inbound !== undefined),
      `every address of ${ifname} is bound`,
    );
    assert.ok(
      active.some(({ device }) => device === castDevice?.ipv4),
      `${castDevice?.ipv4} is nominee of ${ifname}`,
    );
  } else assert.equal(castDevice?.ipv4, undefined, `nominee of ${ifname} without an active member`);
  assert.equal(linkUp, active.length > 0, `${ifname} is running`);
  if (members.length > 0)
    assert.equal(mtu, Math.min(...members.map(({ link }) => link.attributes.mtu)), `MTU of ${ifname}`);
}

/** The kstat of a group shows the same, each statistic in its width. */
function checkKstat(group: GroupSnapshot): void {
  const { ifname, kstat } = group;
  assert.equal(kstat?.id.name, ifname);
  for (const [slot, { name, bits, kind }] of NET_STATISTICS.entries()) {
    const value: bigint = kind === "state" ? BigInt(group.linkUp) : BigInt.asUintN(bits, group.total[slot] ?? 0n);
    assert.equal(kstat.values[slot], value, `${name} of ipmp:0:${ifname}`);
  }
}

function checkNames(links: readonly LinkSnapshot[]): void {
  for (const { attributes, kstat } of links)
    assert.equal(kstat.id.name, attributes.name, `name of the kstat of ${attributes.name}`);
}
