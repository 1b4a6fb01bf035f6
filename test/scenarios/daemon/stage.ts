/** Where daemon stories are played: the core over a fake system, with a configuration that a story builds up line by line. */

import type { Configuration, GroupConfiguration } from "#src/config/configuration.js";
import { loadConfiguration } from "#src/config/load.js";
import { Core } from "#src/daemon/core.js";
import { EventLog } from "#src/daemon/snapshots/event-log.js";
import { type Hrtime, hrtime, seconds } from "#src/kstat/hrtime.js";
import { NET_INDEX } from "#src/kstat/net.js";
import { type GroupSnapshot, MEMBER_STATES, type Snapshot } from "#src/snapshot/snapshot.js";
import type { SourceEvent } from "#src/sources/source.js";
import { StateFile } from "#src/state/state-file.js";
import { FakeSystem } from "../../support/fake-system.ts";
import { MemoryFiles } from "./memory-files.ts";

const STATE_PATH = "/var/lib/ipmp-exporter/state.json";

/** A system whose news the program can be too busy to read. */
class BusySystem extends FakeSystem {
  busy = false;

  override open(wake: () => void): void {
    super.open(() => {
      if (!this.busy) wake();
    });
  }

  override drain(): SourceEvent[] {
    return this.busy ? [] : super.drain();
  }
}

export class DaemonStage {
  readonly system = new BusySystem();
  readonly disk = new MemoryFiles();
  /** ifindex by the link's present name. */
  readonly links = new Map<string, number>();
  readonly groups: GroupConfiguration[] = [];
  failback = true;
  events = new EventLog();
  /** Id of the last event that a story has shown. */
  shown = 0;
  #core: Core | undefined;
  #boot = 1;
  #now = 0n;

  get core(): Core {
    if (!this.#core) throw new Error("the program has not been started");
    return this.#core;
  }

  /** What the program would show now. */
  snapshot(): Snapshot {
    return this.core.snapshots.within(0n);
  }

  link(name: string): number {
    const ifindex = this.links.get(name);
    if (ifindex === undefined)
      throw new Error(`there is no link "${name}"; there are ${[...this.links.keys()].join(", ")}`);
    return ifindex;
  }

  advance(count: number): void {
    this.#now += seconds(count);
  }

  configuration(): Configuration {
    const defaults = loadConfiguration(undefined);
    if (Array.isArray(defaults)) throw new Error("the defaults are wrong");
    return { ...defaults, groups: [...this.groups], detection: { ...defaults.detection, failback: this.failback } };
  }

  /** Starts the program on what an earlier run has left on the disk. */
  start(): void {
    const stateFile = new StateFile(STATE_PATH, this.disk);
    this.events = new EventLog();
    this.shown = 0;
    this.#core = new Core({
      sources: [this.system],
      clock: { now: () => this.#tick(), wallMs: () => 1_700_000_000_000 + Number(this.#now / 1_000_000n) },
      events: this.events,
      configuration: this.configuration(),
      stateFile,
      loaded: stateFile.load(new Date(0)),
      system: { boot: `boot ${this.#boot}`, namespace: "1" },
    });
    this.#core.start();
  }

  /** Ends the program in good order. */
  stop(): void {
    this.core.close();
    this.#core = undefined;
  }

  /** kill -9: nothing is saved any more. */
  kill(): void {
    this.#core = undefined;
  }

  /** The machine starts anew, and its links count from zero. */
  reboot(): void {
    this.#core = undefined;
    this.#boot += 1;
    for (const ifindex of this.links.values()) this.system.resetCounters(ifindex);
  }

  /** The state file, or every file beside it too. */
  damageState(which: "record" | "all"): void {
    for (const path of which === "all" ? [...this.disk.files.keys()] : [STATE_PATH]) {
      this.disk.files.set(
        path,
        this.disk.read(path).map((byte, n) => (n % 100 === 99 ? byte ^ 1 : byte)),
      );
    }
  }

  /** Every step of a running program ends with a line about each group. */
  endStep(): string[] {
    if (!this.#core) return [];
    const { groups } = this.snapshot();
    return groups.length === 0 ? ["no groups"] : groups.map(summary);
  }

  #tick(): Hrtime {
    this.#now += 1_000n;
    return hrtime(this.#now);
  }
}

/** `ipmp0 degraded  active net1  failed net0  rbytes64 4512` */
function summary({ name, state, members, missing, refused, total }: GroupSnapshot): string {
  const lists: readonly (readonly [string, readonly string[]])[] = [
    ...MEMBER_STATES.map(
      (each) => [each, members.filter((member) => member.state === each).map(({ device }) => device)] as const,
    ),
    ["missing", missing.filter((device) => !refused.some((refusal) => refusal.device === device))],
    ["refused", refused.map(({ device }) => device)],
  ];
  const parts = lists
    .filter(([, devices]) => devices.length > 0)
    .map(([word, devices]) => `${word} ${devices.join(" ")}`);
  return [`${name} ${state}`, ...parts, `rbytes64 ${total[NET_INDEX.rbytes64]}`].join("  ");
}
