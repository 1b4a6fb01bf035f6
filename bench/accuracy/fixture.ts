/**
 * A made-up /proc and /sys that changes over time: links whose counters have 32 bits, or whose driver begins again. The truth is
 * known, because it is what we add. The program reads it with --source=procfs.
 */

import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Hooks, Netns } from "../../test/support/netns.ts";
import { Program } from "../../test/support/program.ts";
import { eventually } from "../../test/support/wait.ts";
import { type Counts, counts, minus, plus, sum, ZERO } from "./counts.ts";
import type { Outcome } from "./outcome.ts";
import { RIVALS, Rivals } from "./rivals.ts";
import type { Row } from "./row.ts";
import { configuration, LINKS } from "./stage.ts";
import { Watch } from "./watch.ts";

const STEP_MS = 10;
/** Of each step and link: about 100 MB/s, a tenth of what a link of 10 Gbit/s carries. */
const CARRIED: Counts = {
  receive_bytes: 1_000_000n,
  transmit_bytes: 700_000n,
  receive_packets: 900n,
  transmit_packets: 800n,
};
const SPEED_MEGABITS = 10_000;
/** Steps that make a phase worth comparing. */
const PHASE_STEPS = 50;

interface FixtureLink {
  /** What the driver has. */
  shown: Counts;
  /** What the link has really carried since the fixture was made. */
  carried: Counts;
}

export class Fixture {
  readonly folder: string;
  readonly links: ReadonlyMap<string, FixtureLink>;
  readonly #width: 32 | 64;
  #timer: NodeJS.Timeout | undefined;
  #steps = 0;

  constructor(hooks: Hooks, width: 32 | 64, first: (link: number) => Counts) {
    this.#width = width;
    this.folder = mkdtempSync(join(tmpdir(), "ipmp-exporter-fixture-"));
    hooks.after(() => {
      this.stop();
      rmSync(this.folder, { recursive: true, force: true });
    });
    this.links = new Map(LINKS.map((name, n) => [name, { shown: first(n), carried: ZERO }]));
    mkdirSync(join(this.folder, "self", "net"), { recursive: true });
    symlinkSync("self/net", join(this.folder, "net"));
    for (const [n, name] of LINKS.entries()) this.#writeSysfs(name, n + 1);
    this.#write();
  }

  flow(): void {
    this.#timer = setInterval(() => this.#step(), STEP_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  async carry(): Promise<void> {
    const until = this.#steps + PHASE_STEPS;
    await eventually(
      () => this.#steps >= until,
      () => "the fixture stands still",
    );
  }

  /** The driver begins again with all counters of a link. */
  reset(link: string): void {
    const state = this.links.get(link);
    if (state) state.shown = ZERO;
  }

  get carried(): Counts {
    return sum([...this.links.values()].map(({ carried }) => carried));
  }

  /** What each link has really carried. */
  truth(): Map<string, Counts> {
    return new Map([...this.links].map(([name, { carried }]) => [name, carried]));
  }

  #step(): void {
    for (const link of this.links.values()) {
      link.carried = plus(link.carried, CARRIED);
      link.shown = counts((name) => BigInt.asUintN(this.#width, link.shown[name] + CARRIED[name]));
    }
    this.#steps++;
    this.#write();
  }

  /** Whole or not at all, as the kernel's own file. */
  #write(): void {
    const rows = [...this.links].map(([name, { shown }]) => {
      const { receive_bytes, receive_packets, transmit_bytes, transmit_packets } = shown;
      return `${name}: ${receive_bytes} ${receive_packets} 0 0 0 0 0 0 ${transmit_bytes} ${transmit_packets} 0 0 0 0 0 0\n`;
    });
    const file = join(this.folder, "self", "net", "dev");
    writeFileSync(`${file}.new`, `${HEADING}${rows.join("")}`);
    renameSync(`${file}.new`, file);
  }

  #writeSysfs(name: string, ifindex: number): void {
    const folder = join(this.folder, "sys", "class", "net", name);
    mkdirSync(join(folder, "statistics"), { recursive: true });
    const { receive_bytes, transmit_bytes } = this.links.get(name)?.shown ?? ZERO;
    const files = {
      ifindex,
      address: `02:00:00:00:00:0${ifindex}`,
      type: 1,
      mtu: 1500,
      flags: "0x1003", // IFF_UP, IFF_BROADCAST, IFF_MULTICAST
      operstate: "up",
      speed: SPEED_MEGABITS,
      uevent: `INTERFACE=${name}\nIFINDEX=${ifindex}`,
      "statistics/rx_bytes": receive_bytes,
      "statistics/tx_bytes": transmit_bytes,
    };
    for (const [file, value] of Object.entries(files)) writeFileSync(join(folder, file), `${value}\n`);
  }
}

const HEADING = `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
`;

export interface FixtureStage {
  readonly fixture: Fixture;
  readonly watch: Watch;
  mayMiss(counts: Counts): void;
}

/** A row that is played on a fixture. `through`: what the program is started through. */
export function onFixture(
  width: 32 | 64,
  first: (link: number) => Counts,
  through: readonly string[],
  disturb: (stage: FixtureStage) => Promise<void>,
): Row["run"] {
  return async (hooks, { rivals: withRivals }): Promise<Outcome> => {
    const ns = Netns.create(hooks, "fixture"); // for the ports
    const fixture = new Fixture(hooks, width, first);
    const paths = [`--path.procfs=${fixture.folder}`, `--path.sysfs=${join(fixture.folder, "sys")}`];
    const config = configuration({ ipmp0: LINKS });
    const program = await Program.start(hooks, { ns, config, args: ["--source=procfs", ...paths], through });
    const isMember = (device: string) => fixture.links.has(device);
    const rivals = withRivals ? await Rivals.start(hooks, ns, isMember, fixture.folder) : undefined;
    const watch = new Watch({ groups: ["ipmp0"], program: () => program, kernel: () => fixture.truth() });
    await watch.fresh();
    fixture.flow();
    await fixture.carry();
    let bound: Counts | undefined;
    await disturb({
      fixture,
      watch,
      mayMiss: (missed) => {
        bound = plus(bound ?? ZERO, missed);
      },
    });
    await fixture.carry();
    fixture.stop();
    await watch.fresh();
    await rivals?.fresh();
    await watch.stop();
    const rivalOutcomes = RIVALS.flatMap((rival) => rivals?.get(rival)?.outcome(rival) ?? []);
    const { said, scrapes, beginnings, faults } = watch;
    return { carried: fixture.carried, said, bound, rivals: rivalOutcomes, faults, scrapes, beginnings, remarks: [] };
  };
}

/** What a link carried that no scrape can have seen. */
export const unseen = ({ fixture, watch }: FixtureStage, link: string): Counts =>
  minus(fixture.truth().get(link) ?? ZERO, watch.seen.get(link) ?? ZERO);
