/**
 * kill -9 at every byte that the program writes of its state and between any two of its calls, with the link that carried the
 * traffic gone before the next start: what was published never falls.
 */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Core } from "#src/daemon/core.js";
import { EventLog } from "#src/daemon/snapshots/event-log.js";
import { hrtime } from "#src/kstat/hrtime.js";
import { NET_INDEX } from "#src/kstat/net.js";
import { StateFile } from "#src/state/state-file.js";
import { Disk, Killed } from "../simulation/disk.ts";
import { configurationOf } from "../simulation/setting.ts";
import { FakeSystem } from "../support/fake-system.ts";

const PATH = "/var/lib/ipmp-exporter/state.json";
const CONFIGURATION = configurationOf({
  groups: [{ name: "ipmp0", ifname: "ipmp0", members: ["eth0", "eth1"] }],
  ifnames: ["ipmp0"],
  assignment: () => undefined,
  failback: true,
});

/** A machine whose program is killed and started again. */
class Machine {
  readonly disk = new Disk();
  readonly system = new FakeSystem();
  readonly #eth0 = this.system.add("eth0");
  readonly #eth1 = this.system.add("eth1");
  #now = 1_000_000_000n;
  #core: Core | undefined;
  /** The total and its beginning, as somebody got them last, and failovers. */
  published = { bytes: 0n, crtime: 0n, failovers: 0n };

  start(): void {
    const stateFile = new StateFile(PATH, this.disk);
    const now = () => {
      this.#now += 1_000n;
      return hrtime(this.#now);
    };
    this.#core = new Core({
      sources: [this.system],
      clock: { now, wallMs: () => 1_700_000_000_000 },
      events: new EventLog(),
      configuration: CONFIGURATION,
      stateFile,
      loaded: stateFile.load(new Date(0)),
      system: { boot: "3f1c", namespace: "net:[1]" },
    });
    this.#core.start();
  }

  carry(): void {
    this.system.carry(this.#eth0, 1_000n);
    this.system.carry(this.#eth1, 10n);
  }

  failOver(): void {
    this.system.setRunning(this.#eth1, false);
  }

  repair(): void {
    this.system.setRunning(this.#eth1, true);
  }

  scrape(maxAge = -1n): void {
    const group = this.#core?.snapshots.within(maxAge).groups[0];
    if (this.disk.isDead) throw new Killed(); // nobody has got it
    assert.ok(group);
    const { crtime, failovers } = group;
    this.published = { bytes: group.total[NET_INDEX.rbytes64] ?? 0n, crtime, failovers };
  }

  /** What a trap is made of. */
  lookAtStates(): void {
    this.#core?.snapshots.states();
  }

  loseCarrier(): void {
    this.system.delete(this.#eth0);
  }
}

/** What the program does until it is killed; the last is what it is killed in. */
const LIVES: Readonly<Record<string, readonly (keyof Pick<Machine, "carry" | "failOver" | "scrape">)[]>> = {
  "the first record and the making of the slots": ["scrape"],
  "the first writing of the second slot": ["scrape", "carry", "scrape"],
  "a slot that is written again": ["scrape", "carry", "scrape", "carry", "scrape", "carry", "scrape"],
  "the other slot": ["scrape", "carry", "scrape", "carry", "scrape", "carry", "scrape", "carry", "scrape"],
  "another record": ["scrape", "carry", "scrape", "carry", "failOver", "scrape"],
  "the first slot of another record": ["scrape", "carry", "scrape", "failOver", "scrape", "carry", "scrape"],
};

/** Whether the program was killed; when not, there was nothing left to be killed in. */
function isKilled(life: readonly (keyof Machine)[], arm: (disk: Disk) => void, isGone: boolean): boolean {
  const machine = new Machine();
  machine.start();
  const steps = [...life] as (keyof Pick<Machine, "carry" | "failOver" | "scrape">)[]; // a copy, to take the last from
  const last = steps.pop();
  for (const step of steps) machine[step]();
  arm(machine.disk);
  let killed = false;
  try {
    if (last) machine[last]();
  } catch (error) {
    if (!(error instanceof Killed)) throw error;
    killed = true;
  }
  const before = machine.published;
  machine.disk.restart();
  if (isGone) machine.loseCarrier();
  machine.start();
  machine.scrape();
  const after = machine.published;
  assert.ok(after.bytes >= before.bytes, `${after.bytes} after ${before.bytes} was published`);
  if (before.crtime !== 0n) assert.equal(after.crtime, before.crtime);
  return killed;
}

/** Every byte where it is decided which slot is whole; elsewhere some of them, as one byte is like the next. */
const DENSE_BYTES = 100;
const STRIDE = 23;

describe("what was published never falls, with the program killed in", () => {
  for (const [what, life] of Object.entries(LIVES)) {
    test(`${what}, at every byte`, (t) => {
      let kills = 0;
      for (let bytes = 0; ; bytes += bytes < DENSE_BYTES ? 1 : STRIDE) {
        if (!isKilled(life, (disk) => disk.armedInWriting(bytes), true)) break;
        kills++;
      }
      t.diagnostic(`${kills} kills`);
      assert.ok(kills > DENSE_BYTES / 2, `${kills} kills`);
    });

    test(`${what}, at every call`, () => {
      let kills = 0;
      for (const isGone of [true, false]) {
        for (let calls = 1; isKilled(life, (disk) => disk.armed(calls), isGone); calls++) kills++;
      }
      assert.ok(kills >= 4, `${kills} kills`);
    });
  }
});

describe("on a full disk", () => {
  test("what was published of a link that was a member before never falls, whatever happened since", () => {
    const machine = new Machine();
    machine.start();
    machine.scrape();
    machine.disk.isFull = true;
    machine.failOver();
    machine.carry();
    machine.scrape();
    const { bytes } = machine.published;
    machine.disk.restart();
    machine.disk.isFull = false;
    machine.loseCarrier();
    machine.start();
    machine.scrape();
    assert.deepEqual([bytes, machine.published.bytes], [1_010n, 1_010n]);
  });
});

describe("whoever looks at states alone", () => {
  test("has nothing saved for it, however often something happens", () => {
    const machine = new Machine();
    machine.start();
    machine.scrape();
    const { calls } = machine.disk;
    for (let n = 0; n < 50; n++) {
      machine.failOver();
      machine.lookAtStates();
      machine.repair();
      machine.lookAtStates();
    }
    assert.equal(machine.disk.calls, calls);
  });

  test("does not have the next scrape show what is not saved", () => {
    const machine = new Machine();
    machine.start();
    machine.scrape();
    machine.failOver();
    machine.lookAtStates();
    machine.scrape(1_000_000_000n);
    const { failovers } = machine.published;
    machine.disk.restart();
    machine.start();
    machine.scrape();
    assert.deepEqual([failovers, machine.published.failovers], [1n, 1n]);
  });
});
