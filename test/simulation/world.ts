/** One history as it happens: the system, the disk, the program that runs now or not, and the truth beside it. */

import assert from "node:assert/strict";
import type { Configuration } from "#src/config/configuration.js";
import { Core } from "#src/daemon/core.js";
import { EventLog } from "#src/daemon/snapshots/event-log.js";
import { NET_STATISTICS } from "#src/kstat/net.js";
import type { Snapshot } from "#src/snapshot/snapshot.js";
import { StateFile } from "#src/state/state-file.js";
import { Disk, Killed } from "./disk.ts";
import { Images } from "./images.ts";
import { Invariants } from "./invariants.ts";
import { Pages } from "./pages.ts";
import { Random } from "./random.ts";
import { configurationOf, SETTINGS, type Setting } from "./setting.ts";
import type { History, Kind, Step } from "./step.ts";
import { type Body, type Sighting, System, sightingOf } from "./system.ts";
import { Truth } from "./truth.ts";
import { VirtualTime } from "./virtual-time.ts";

const FOLDER = "/var/lib/ipmp-exporter";
const FILE = `${FOLDER}/state.json`;
const NAMES = ["eth0", "eth1", "eth2", "eth3", "eth4", "spare"];
/** Calls of the file system that a save makes at most, bytes that it writes, and those of a slot alone. */
const MOST_CALLS = 24;
const MOST_BYTES = 16_000;
const SLOT_BYTES = 1_200;
/** Set-aside files that may pile up (StateFile keeps fewer). */
const ASIDE_LIMIT = 5;
/** Milliseconds after which what could not be saved is tried again. */
const RETRY_MS = 1_000;

/** What a set of histories has been through. */
export interface Tally {
  histories: number;
  steps: number;
  scrapes: number;
  saves: number;
  /** Readings that were written into a slot. */
  slots: number;
  /** Kills in the middle of a save or of a start. */
  crashes: number;
  /** Starts with the state of an earlier run, and those of them whose record was damaged. */
  restarts: number;
  recoveries: number;
}

export class World {
  readonly #time = new VirtualTime();
  readonly #disk = new Disk();
  readonly #system: System;
  readonly #tally: Tally;
  #core: Core | undefined;
  #truth: Truth | undefined;
  #invariants = new Invariants();
  #pages = new Pages();
  readonly #images = new Images(this.#disk, FILE);
  /** A fault of the disk may have taken what was published; a program that is only killed may lose nothing. */
  #mayLose = false;
  /** Something was published that is in the files. */
  #isKept = false;
  #setting: Setting = SETTINGS[0] as Setting;
  #boot = 1;
  /** Links made so far, each with a MAC of its own. */
  #made = 0;
  #namespace = 1;
  /** Earlier sightings, for messages that are late. */
  readonly #past = new Map<Body, Sighting>();

  constructor(bits: 32 | 64, tally: Tally) {
    this.#system = new System(bits);
    this.#tally = tally;
    this.#disk.changed = () => this.#look();
  }

  /** @throws AssertionError of an invariant, or whatever the program throws */
  static live({ bits, steps }: History, tally: Tally): void {
    const world = new World(bits, tally);
    tally.histories++;
    world.#time.while(() => {
      for (const step of steps) world.take(step);
    });
  }

  take(step: Step): void {
    this.#tally.steps++;
    try {
      this.#steps[step.kind](step);
    } catch (error) {
      if (!(error instanceof Killed)) throw error;
    }
    if (this.#disk.isDead) {
      this.#tally.crashes++;
      this.#die();
    }
  }

  readonly #steps: Readonly<Record<Kind, (step: Step) => void>> = {
    add: ({ a, b, c }) => this.#add(NAMES[a % NAMES.length] ?? "", b, c),
    carry: ({ a, b, c }) => this.#carry(this.#link(a), b, c),
    burst: ({ b, c }) => {
      for (const body of this.#system.present.values()) this.#carry(body, b, c);
      for (const { body } of this.#system.away) this.#carry(body, b, c);
    },
    up: ({ a }) => this.#change(a, { running: true, adminUp: true, operState: "up" }),
    down: ({ a, b }) => this.#change(a, { running: false, adminUp: b % 2 === 0, operState: "down" }),
    mtu: ({ a, b }) => this.#change(a, { mtu: 1280 + (b % 8000) }),
    rename: ({ a, b }) => {
      const name = NAMES[b % NAMES.length] ?? "";
      if (!this.#system.named(name)) this.#change(a, { name });
    },
    swap: ({ a, b }) => this.#rotate([this.#link(a), this.#link(b)]),
    rotate: ({ a }) => {
      const bodies = [...this.#system.present.values()];
      this.#rotate([
        ...bodies.slice(a % Math.max(1, bodies.length)),
        ...bodies.slice(0, a % Math.max(1, bodies.length)),
      ]);
    },
    remove: ({ a, b }) => this.#remove(this.#link(a), b),
    replace: ({ a, b, c }) => this.#replace(this.#link(a), b, c),
    away: ({ a }) => {
      const body = this.#link(a);
      if (body) this.#system.moveAway(body);
    },
    back: ({ a }) => {
      const [returned] = this.#system.away.splice(a % Math.max(1, this.#system.away.length), 1);
      if (returned) this.#system.moveBack(returned.body, returned.ifindex);
    },
    reset: ({ a }) => {
      const body = this.#link(a);
      // A message that is older than a reset that nobody could see would be taken at its word.
      if (!body || this.#system.counterBits === 32 || this.#system.isHolding) return;
      body.reset();
      this.#past.delete(body);
    },
    lose: () => this.#system.loseEvents(),
    repeat: () => this.#system.repeatLast(),
    hold: () => this.#system.hold(),
    release: () => this.#system.release(),
    fail: () => {
      this.#system.isFailing = true;
    },
    wake: () => this.#core?.tick(),
    scrape: () => this.#scrape(),
    checkpoint: () => this.#core?.checkpoint(),
    pass: ({ a }) => this.#time.pass(a % 3 === 0 ? 60 : a % 200_000),
    reload: ({ a }) => this.#reload(SETTINGS[a % SETTINGS.length] as Setting),
    offline: ({ a }) => void this.#core?.setOffline(NAMES[a % NAMES.length] ?? "", true),
    online: ({ a }) => void this.#core?.setOffline(NAMES[a % NAMES.length] ?? "", false),
    crash: (step) => this.#crash(step),
    tear: (step) => this.#crash(step),
    kill: () => this.#die(),
    stop: () => {
      this.#core?.close();
      this.#die();
    },
    start: () => this.#start(),
    reboot: () => this.#reboot(),
    blackout: ({ a }) => {
      this.#disk.losePower(new Random(a));
      this.#mayLose = true;
      this.#reboot();
    },
    namespace: () => {
      if (!this.#core) this.#namespace++;
    },
    spoil: ({ a, b }) => this.#spoil(a, b),
    fill: () => {
      this.#disk.isFull = true;
    },
    protect: () => {
      this.#disk.isReadOnly = true;
    },
    unlink: () => {
      if (this.#disk.isReadOnly) return;
      this.#disk.removeFolder(FOLDER);
      this.#mayLose = true;
    },
    free: () => {
      this.#disk.isFull = false;
      this.#disk.isReadOnly = false;
      this.#system.isFailing = false;
      this.#time.pass(RETRY_MS);
    },
    clock: ({ a, b }) => this.#time.jumpWall((a % 2 === 0 ? 1 : -1) * (b % 90_000_000)),
  };

  get #isHealthy(): boolean {
    return !this.#disk.isFull && !this.#disk.isReadOnly;
  }

  get #place(): string {
    return `${this.#boot} ${this.#namespace}`;
  }

  #link(choice: number): Body | undefined {
    const bodies = [...this.#system.present.values()];
    return bodies[choice % Math.max(1, bodies.length)];
  }

  #add(name: string, b: number, c: number, ifindex?: number): void {
    if (this.#system.named(name)) return;
    const low = BigInt(c % 0xfff0_0000); // frames do not pass 2^32 together with bytes
    const starts = [0n, 0n, low, (1n << 63n) + (1n << 62n) + low];
    const speeds = [1_000_000_000, undefined, 25_000_000_000];
    const lladdr = `02:00:00:00:${(this.#made >> 8).toString(16)}:${(this.#made++ & 255).toString(16)}`;
    this.#system.add(name, { lladdr, speedBitsPerSecond: speeds[b % 3] }, starts[b % 4] ?? 0n, ifindex);
  }

  /** A few bytes, or up to 2^56 of them; with 32-bit counters less, and no faster than the link is. */
  #carry(body: Body | undefined, b: number, c: number): void {
    if (!body) return;
    const exponent = this.#system.counterBits === 32 ? 24n : BigInt(b % 57);
    const bytes = ((BigInt(b) * BigInt(c)) % (1n << exponent)) + 60n;
    const frames = 1n + BigInt(c % 1000);
    for (const [n, amount] of [bytes, bytes / 3n, frames, frames * 2n, BigInt(b % 2), BigInt(c % 5)].entries()) {
      body.carried[n] = (body.carried[n] ?? 0n) + amount;
    }
    if (this.#system.counterBits === 32) this.#time.pass(200);
    if (b % 7 === 0) this.#past.set(body, sightingOf(body));
  }

  #change(choice: number, attributes: Partial<Body["attributes"]>): void {
    const body = this.#link(choice);
    if (body) this.#system.change(body, attributes);
  }

  /** Each takes the name of the next, by way of a name that nobody has. */
  #rotate(bodies: readonly (Body | undefined)[]): void {
    const all = [...new Set(bodies.flatMap((body) => body ?? []))];
    const [first, ...rest] = all;
    if (!first || rest.length === 0) return;
    let free = first.attributes.name;
    this.#system.change(first, { name: "moving" });
    for (const body of rest) {
      const { name } = body.attributes;
      this.#system.change(body, { name: free });
      free = name;
    }
    this.#system.change(first, { name: free });
  }

  #remove(body: Body | undefined, b: number): void {
    if (!body) return;
    const kinds = ["now", "now", "veth", "none", this.#past.get(body) ?? "now"] as const;
    this.#system.remove(body, kinds[b % kinds.length] ?? "now");
  }

  /** Deleted and made again under its name, sometimes with its ifindex (ip link add … index N). */
  #replace(body: Body | undefined, b: number, c: number): void {
    if (!body) return;
    this.#remove(body, b);
    const { name, ifindex } = body.attributes;
    const sameIndex = b % 3 === 0 && !this.#system.isHolding && this.#system.counterBits === 64;
    this.#add(c % 4 === 0 ? (NAMES[c % NAMES.length] ?? name) : name, 0, c, sameIndex ? ifindex : undefined);
  }

  #start(): void {
    if (this.#core) return;
    this.#disk.restart();
    this.#system.isFailing = false;
    const expected = this.#images.expected();
    const file = new StateFile(FILE, this.#disk);
    const loaded = file.load(new Date(this.#time.wallMs()));
    if (this.#disk.isDead) return;
    assert.equal(loaded.kind, expected.kind, "what the files at the start come to");
    this.#checkAside();
    const { image } = expected;
    const recovered = loaded.kind === "unusable" && loaded.recovered !== undefined;
    if (loaded.kind === "unusable") assert.equal(recovered, image !== undefined, "what was left is gone on with");
    if (this.#isKept && !this.#mayLose) assert.ok(image, "what was published has been found again");
    const kept = image?.place === this.#place ? image.saved : undefined;
    if (kept) this.#tally.restarts++;
    if (recovered) this.#tally.recoveries++;
    if (this.#mayLose) this.#invariants.restarted(image?.published ?? new Map());
    this.#mayLose = false;
    this.#isKept = image !== undefined;
    const truth = new Truth(this.#setting.ifnames, this.#setting.assignment, kept);
    this.#truth = truth;
    this.#system.witness = {
      told: (events) => truth.told(events),
      read: (sightings) => truth.read(sightings),
    };
    this.#pages = new Pages();
    this.#core = new Core({
      sources: [this.#system],
      clock: this.#time,
      events: new EventLog(),
      configuration: this.#configuration(),
      stateFile: file,
      loaded,
      system: { boot: `boot ${this.#boot}`, namespace: `net:[${this.#namespace}]` },
    });
    this.#core.start();
  }

  #checkAside(): void {
    const aside = this.#disk.names().filter((name) => /\.(damaged|newer|unreadable)-/.test(name));
    assert.ok(aside.length <= ASIDE_LIMIT, `${aside.length} files are set aside: ${aside.join(" ")}`);
  }

  #configuration(): Configuration {
    return configurationOf(this.#setting);
  }

  #scrape(): void {
    if (!this.#core || !this.#truth) return;
    const snapshot = this.#core.snapshots.within(-1n);
    if (this.#disk.isDead) return; // nobody has got it
    const isSaved = snapshot.state?.saved === true;
    assert.ok(isSaved || !this.#isHealthy, "a disk that takes everything has it");
    assert.equal(snapshot.collectors[0]?.success, !this.#system.isFailing, "whether the source answered");
    this.#tally.scrapes++;
    this.#invariants.check(snapshot, this.#truth, this.#place);
    this.#pages.check(snapshot);
    if (!isSaved) {
      this.#mayLose = true;
      return;
    }
    this.#checkReadBack(snapshot);
    const { image } = this.#images.expected();
    assert.ok(image);
    image.saved = this.#truth.save();
    image.published = this.#invariants.published;
    this.#isKept = true;
  }

  /** Another program that read the files now would have every total that has just been published. */
  #checkReadBack({ groups }: Snapshot): void {
    const loaded = new StateFile(FILE, this.#disk.copy()).load(new Date(0));
    assert.ok(loaded.kind === "state", "what is published is in the files");
    const { sources, groups: saved } = loaded.state;
    const statistics = sources[0]?.statistics ?? [];
    for (const { ifname, total } of groups) {
      const group = saved.find((candidate) => candidate.ifname === ifname);
      assert.ok(group, `${ifname} is in the files`);
      for (const [slot, { name }] of NET_STATISTICS.entries()) {
        const column = statistics.indexOf(name);
        if (column < 0) continue;
        let sum: bigint = group.departed[slot] ?? 0n;
        for (const { reading, baseline } of group.members)
          sum += (reading.counters[column] ?? 0n) - (baseline[slot] ?? 0n);
        assert.equal(BigInt.asUintN(64, sum), total[slot], `${name} of ${ifname} in the files`);
      }
    }
  }

  #reload(setting: Setting): void {
    this.#setting = setting;
    this.#core?.reconfigure(this.#configuration());
    this.#truth?.reload(setting.ifnames, setting.assignment);
  }

  /** Killed at one of the next calls of the file system, or at one of the next bytes: of a save, of a stop, of a start. */
  #crash({ kind, a, b, c }: Step): void {
    if (kind === "crash") this.#disk.armed(1 + (a % MOST_CALLS));
    else this.#disk.armedInWriting(a % (c % 2 === 0 ? SLOT_BYTES : MOST_BYTES));
    if (!this.#core) {
      this.#start();
      return;
    }
    if (b % 4 === 0) this.#core.close();
    else if (b % 4 === 1) this.#time.pass(100);
    else if (b % 4 === 2) this.#core.checkpoint();
    else this.#scrape();
  }

  #die(): void {
    this.#core = undefined;
    this.#truth = undefined;
    this.#time.forgetTimers();
    this.#disk.restart();
    this.#system.close();
  }

  #reboot(): void {
    this.#die();
    this.#time.reboot();
    this.#boot++;
    this.#disk.isReadOnly = false;
    for (const body of [...this.#system.present.values()]) this.#system.remove(body, "none");
    this.#system.away.length = 0;
    for (const name of ["eth0", "eth1", "eth2"]) this.#add(name, 0, 0);
  }

  /** While nothing runs: one of the files is cut, has one bit turned, is all zeros, or a newer version's. */
  #spoil(a: number, b: number): void {
    const path = [FILE, FILE, `${FILE}.readings`, `${FILE}.previous`][a % 4] ?? FILE;
    const bytes = this.#disk.peek(path);
    if (this.#core || !bytes) return;
    const flipped = new Uint8Array(bytes);
    flipped[b % bytes.length] = (flipped[b % bytes.length] ?? 0) ^ (1 << (a % 8));
    const newer = Buffer.from('{"format":"ipmp-exporter state","version":9,"sha256":"00"}\n');
    const kinds = [bytes.slice(0, b % bytes.length), flipped, new Uint8Array(bytes.length), newer];
    this.#disk.poke(path, kinds[(a >>> 3) % kinds.length]);
    this.#mayLose = true;
  }

  /** The disk has changed: whatever is whole in it now was true of this moment. */
  #look(): void {
    const truth = this.#truth;
    if (!truth) return;
    this.#images.look((record) => {
      this.#tally[record ? "slots" : "saves"]++;
      const saved = record ? truth.saveReadings(record.saved) : truth.save();
      // On a bad disk the record may be older than what was published of new members.
      const published = record && !this.#isHealthy ? record.published : this.#invariants.published;
      return { saved, published, place: this.#place };
    });
  }
}
