/** The program beside a made-up illumos system that it watches by its commands. */

import { setTimeout as wait } from "node:timers/promises";
import { IllumosTree } from "../../test/support/illumos-tree.ts";
import type { Hooks } from "../../test/support/netns.ts";
import { Program } from "../../test/support/program.ts";
import { scratch } from "../../test/support/scratch.ts";
import { eventually } from "../../test/support/wait.ts";
import { type Counts, minus, ZERO } from "../accuracy/counts.ts";
import { Watch } from "../accuracy/watch.ts";
import { IllumosKernel } from "./kernel.ts";
import type { IllumosPlayed } from "./row.ts";

/** Milliseconds for which traffic flows at a time: a round of questions comes every five seconds. */
const CARRY_MS = 6_000;
/** Milliseconds for which the program is not there. */
const AWAY_MS = 2_000;
const GROUP = "ipmp0";
const SOURCE = "gz";

export class IllumosStage {
  readonly tree: IllumosTree;
  readonly kernel: IllumosKernel;
  bound: Counts | undefined = undefined;
  excess: Counts | undefined = undefined;
  readonly #hooks: Hooks;
  readonly #config: string;
  #program: Program;
  readonly #watch: Watch;
  #present = true;
  #begun = ZERO;
  #linksBegun = ZERO;

  private constructor(hooks: Hooks, tree: IllumosTree, kernel: IllumosKernel, config: string, program: Program) {
    this.#hooks = hooks;
    this.tree = tree;
    this.kernel = kernel;
    this.#config = config;
    this.#program = program;
    this.#watch = new Watch({
      groups: [GROUP],
      program: () => (this.#present ? this.#program : undefined),
      kernel: () => kernel.byLink,
    });
  }

  static async start(hooks: Hooks): Promise<IllumosStage> {
    const tree = new IllumosTree(scratch(hooks));
    const kernel = new IllumosKernel(tree);
    hooks.after(() => kernel.stopTraffic());
    const config = `sources: [{ name: ${SOURCE}, kind: illumos, interval: 5s, path: ${tree.root} }]\n`;
    const stage = new IllumosStage(hooks, tree, kernel, config, await Program.start(hooks, { config }));
    await stage.state("ok");
    await stage.#watch.fresh();
    stage.#begun = kernel.counted;
    stage.#linksBegun = kernel.ofLinks;
    return stage;
  }

  /** Traffic while `during` happens, or for a while. */
  async carry(during: () => Promise<void> = () => wait(CARRY_MS)): Promise<void> {
    this.kernel.startTraffic();
    await wait(CARRY_MS);
    await during();
    await wait(CARRY_MS);
    this.kernel.stopTraffic();
  }

  /** Ends the program, and starts it again with its state. */
  async restart(signal: NodeJS.Signals): Promise<void> {
    const { folder } = this.#program;
    this.#present = false;
    this.#program.signal(signal);
    await this.#program.exited();
    await wait(AWAY_MS);
    this.#program = await Program.start(this.#hooks, { config: this.#config, folder });
    this.#present = true;
  }

  state(state: "ok" | "degraded"): Promise<void> {
    return this.#program.until(`ipmp_group_state{group="${GROUP}",state="${state}"}`, "1");
  }

  /** Waits until the program has been told by so many whole rounds of questions that begin after now. */
  async rounds(count: number): Promise<void> {
    const answered = async () =>
      Number(
        (await this.#program.metrics()).get(`ipmp_source_polls_total{source="${SOURCE}",outcome="answered"}`) ?? 0,
      );
    const until = (await answered()) + count + 1; // one may be under way
    await eventually(
      async () => (await answered()) >= until,
      () => "the system is not asked",
    );
  }

  /** Waits for a line of the program's log. */
  logged(...words: readonly string[]): Promise<void> {
    return this.#program.logged(...words);
  }

  async outcome(): Promise<IllumosPlayed> {
    await this.rounds(1);
    await this.#watch.fresh();
    await this.#watch.stop();
    return {
      carried: minus(this.kernel.counted, this.#begun),
      said: this.#watch.said,
      bound: this.bound,
      excess: this.excess,
      ofLinks: minus(this.kernel.ofLinks, this.#linksBegun),
      faults: this.#watch.faults,
    };
  }
}
