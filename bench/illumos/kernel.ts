/**
 * A made-up illumos system: links that count, and an IPMP group whose own kstat adds up as the kernel does it (ipmp.c): what departed members
 * carried while they were members, and what the present ones have carried since they joined. Its commands print what it is at that moment.
 */

import { groupKstat, linkKstat } from "../../test/support/illumos-samples.ts";
import { DLADM, type IllumosTree, IPMPSTAT, KSTAT, kstatLines } from "../../test/support/illumos-tree.ts";
import { type Counts, counts, minus, plus, sum, ZERO } from "../accuracy/counts.ts";

/** Milliseconds between two packets trains, after each of which the commands print other numbers. */
const STEP_MS = 50;
/** What a link carries in one, each way. */
const TRAIN = counts((name) => (name.endsWith("bytes") ? 50_000n : 50n));
/** What each link had carried before anything begins, which nobody may count. */
const PAST = counts((name) => (name.endsWith("bytes") ? 5_000_000_000n : 5_000_000n));

/** It has been up for ten minutes when anything begins. */
const UPTIME_MS = 600_000;

export type LinkName = "net0" | "net1";
const LINKS: readonly LinkName[] = ["net0", "net1"];
const GROUP = "ipmp0";

interface Member {
  /** Where the link's counters stood when it joined. */
  readonly baseline: Counts;
}

export class IllumosKernel {
  readonly #tree: IllumosTree;
  readonly #links = new Map<LinkName, Counts>(LINKS.map((name) => [name, PAST]));
  readonly #members = new Map<LinkName, Member>();
  readonly #failed = new Set<LinkName>();
  /** Share of departed members. */
  #departed = ZERO;
  readonly #booted = Date.now() - UPTIME_MS;
  /** Seconds since boot at which the group was made. */
  #crtime = 48;
  /** What groups of the name had counted that are there no more. */
  #before = ZERO;
  #timer: NodeJS.Timeout | undefined;

  constructor(tree: IllumosTree) {
    this.#tree = tree;
    for (const name of LINKS) this.join(name);
    tree.say(DLADM, LINKS.map((name) => `${name}:phys:1500:up:\n`).join(""));
    tree.say(IPMPSTAT.addresses, "192.0.2.10:up:ipmp0:net0:net0 net1\n");
    tree.say(IPMPSTAT.targets, "net0:disabled::\n");
    tree.say(KSTAT.misc, "unix:0:system_misc:boot_time\t1700000000\n");
  }

  /** What the group's own kstat has counted, of all groups that had the name. */
  get counted(): Counts {
    return plus(this.#before, this.#total);
  }

  /** What the links have counted, whoever's members they were. */
  get ofLinks(): Counts {
    return sum(this.#links.values());
  }

  get byLink(): ReadonlyMap<string, Counts> {
    return new Map(this.#links);
  }

  of(name: LinkName): Counts {
    return this.#links.get(name) ?? ZERO;
  }

  get #total(): Counts {
    const shares = Array.from(this.#members, ([name, { baseline }]) => minus(this.of(name), baseline));
    return plus(this.#departed, sum(shares));
  }

  startTraffic(): void {
    this.#timer = setInterval(() => {
      for (const name of LINKS) if (!this.#failed.has(name)) this.#links.set(name, plus(this.of(name), TRAIN));
      this.#say();
    }, STEP_MS);
  }

  stopTraffic(): void {
    clearInterval(this.#timer);
  }

  /** What a link carries at once, whoever's member it is. */
  carryTrain(name: LinkName): void {
    this.#links.set(name, plus(this.of(name), TRAIN));
    this.#say();
  }

  fail(name: LinkName): void {
    this.#failed.add(name);
    this.#say();
  }

  repair(name: LinkName): void {
    this.#failed.delete(name);
    this.#say();
  }

  join(name: LinkName): void {
    this.#members.set(name, { baseline: this.of(name) });
    this.#say();
  }

  /** Its share stays in the group. */
  leave(name: LinkName): void {
    const member = this.#members.get(name);
    if (!member) return;
    this.#departed = plus(this.#departed, minus(this.of(name), member.baseline));
    this.#members.delete(name);
    this.#say();
  }

  /** The group is deleted, and made again under its name with the same members: its counters begin at 0. */
  remake(): void {
    this.#before = this.counted;
    this.#departed = ZERO;
    this.#crtime = this.#uptime;
    for (const name of [...this.#members.keys()]) this.join(name);
  }

  #say(): void {
    const wide = (of: Counts) => ({
      rbytes64: of.receive_bytes,
      obytes64: of.transmit_bytes,
      ipackets64: of.receive_packets,
      opackets64: of.transmit_packets,
    });
    const members = [...this.#members.keys()];
    const nameIn = (name: LinkName) => (this.#failed.has(name) ? `[${name}]` : name);
    const state = members.some((name) => this.#failed.has(name)) ? "degraded" : "ok";
    const snaptime = time(this.#uptime);
    const group = { ...groupKstat(GROUP, wide(this.#total)), crtime: time(this.#crtime), snaptime };
    this.#tree.say(KSTAT.groups, kstatLines([group]));
    this.#tree.say(IPMPSTAT.groups, `${GROUP}:${GROUP}:${state}:10.00s:${members.map(nameIn).join(" ")}\n`);
    this.#tree.say(
      IPMPSTAT.interfaces,
      members
        .map((name) => (this.#failed.has(name) ? `${name}:no:${GROUP}:-------:down:failed:failed\n` : up(name)))
        .join(""),
    );
    this.#tree.say(KSTAT.links, kstatLines(LINKS.map((name) => linkKstat(name, wide(this.of(name)), { snaptime }))));
  }

  /** Seconds since its boot. */
  get #uptime(): number {
    return (Date.now() - this.#booted) / 1000;
  }
}

/** Seconds as kstat(8) prints them. */
function time(seconds: number): string {
  return seconds.toFixed(9);
}

function up(name: LinkName): string {
  return `${name}:yes:${GROUP}:${name === "net0" ? "--mbM--" : "-------"}:up:ok:ok\n`;
}
