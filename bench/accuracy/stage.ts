/**
 * Where a disturbance is played: a host with three links in a network namespace, the far ends in another, traffic in both
 * directions, and the program as a user runs it. Every link has a long history when the program starts.
 */

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { type Hooks, Netns } from "../../test/support/netns.ts";
import { Program, type ProgramOptions } from "../../test/support/program.ts";
import { Generator, targetThrough } from "../../test/support/traffic.ts";
import { eventually } from "../../test/support/wait.ts";
import { type Counts, isSame, larger, minus, parseNetDev, plus, ZERO } from "./counts.ts";
import { type Life, LinkRecorder } from "./link-records.ts";
import type { Outcome } from "./outcome.ts";
import { RIVALS, Rivals } from "./rivals.ts";
import { HISTORY_BYTES, Watch } from "./watch.ts";

export interface StageOptions {
  /** veth: three pairs. macvlan: three on one veth. */
  readonly kind?: "veth" | "macvlan";
  readonly config?: string;
  /** Which names belong to the watched groups: what a recording rule would say. */
  readonly members?: RegExp;
  readonly groups?: readonly string[];
  readonly program?: Pick<ProgramOptions, "args" | "through">;
}

export const LINKS = ["va", "vb", "vc"] as const;
/** The links' lower one, when they are macvlans, and its far end. */
const LOWER = "uplink";

const DEFAULTS = {
  kind: "veth",
  config: configuration({ ipmp0: LINKS }),
  members: /^v[abc]$/,
  groups: ["ipmp0"],
  program: {},
} as const satisfies StageOptions;

/** A configuration with those groups, each a list of interfaces. */
export function configuration(groups: Readonly<Record<string, readonly string[]>>): string {
  const lines = Object.entries(groups).map(
    ([name, links]) => `  - { name: ${name}, interfaces: [${links.join(", ")}] }`,
  );
  return `groups:\n${lines.join("\n")}\n`;
}

/** Messages at a time, and the pause after them in which rtmon(8) takes them: its own buffer holds some 900. */
const STORM_BURST = 200;
const STORM_PAUSE_MS = 10;
/** Packets through each link in each direction that make a phase worth comparing. */
const PHASE_PACKETS = 300n;
const MTU = 65_000;
/** Another one for each link, so that one cannot be taken for the other. */
const HISTORY_PACKETS = { va: 2_000, vb: 3_000, vc: 4_000 } as const;
const HISTORY_PACKET_BYTES = 60_000;

export class Stage {
  readonly here: Netns;
  readonly there: Netns;
  readonly hooks: Hooks;
  readonly #options: Required<StageOptions>;
  readonly #out: Generator;
  readonly #in: Generator;
  /** Of every link that has traffic: where it goes, and where it comes from. */
  readonly #flowing = new Map<string, { readonly out: string; readonly in: string }>();
  /** What is sent to that from the far side arrives at the link. */
  readonly #inward = new Map<string, string>();
  #records: LinkRecorder | undefined;
  #farRecords: LinkRecorder | undefined;
  #program: Program | undefined;
  #watch: Watch | undefined;
  #rivals: Rivals | undefined;
  #correction = ZERO;
  #bound: Counts | undefined;
  /** How often counters are to begin anew. */
  #beginnings = 0;
  readonly faults: string[] = [];
  readonly remarks: string[] = [];

  private constructor(hooks: Hooks, options: StageOptions) {
    this.hooks = hooks;
    this.#options = { ...DEFAULTS, ...options };
    this.here = Netns.create(hooks, "here");
    this.there = Netns.create(hooks, "there");
    this.#out = Generator.start(this.here);
    this.#in = Generator.start(this.there);
  }

  /** Everything runs, and traffic flows through all links. */
  static async set(hooks: Hooks, options: StageOptions, withRivals: boolean): Promise<Stage> {
    const stage = new Stage(hooks, options);
    const { kind, config, members, groups, program } = stage.#options;
    if (kind === "macvlan") {
      stage.here.addVeth(LOWER, `${LOWER}-peer`, stage.there);
      for (const [ns, device] of [
        [stage.here, LOWER],
        [stage.there, `${LOWER}-peer`],
      ] as const) {
        ns.ip("link", "set", device, "mtu", String(MTU));
      }
    }
    for (const link of LINKS) {
      stage.addLink(link);
      const packets = HISTORY_PACKETS[link];
      await stage.#out.send(targetThrough(stage.here, link), packets, HISTORY_PACKET_BYTES);
      await stage.#in.send(stage.#inward.get(link) ?? "", packets, HISTORY_PACKET_BYTES);
    }
    await stage.#still();
    stage.#checkHistory();
    stage.#records = await LinkRecorder.start(hooks, stage.here);
    stage.#farRecords = await LinkRecorder.start(hooks, stage.there);
    stage.#program = await Program.start(hooks, { ns: stage.here, config, ...program });
    if (withRivals) stage.#rivals = await Rivals.start(hooks, stage.here, (device) => members.test(device));
    stage.#watch = new Watch({ groups, program: () => stage.#program, kernel: () => stage.kernel() });
    hooks.after(() => void stage.#watch?.stop());
    await stage.#watch.fresh();
    for (const link of LINKS) await stage.flow(link);
    await stage.carry();
    return stage;
  }

  get program(): Program {
    if (!this.#program) throw new Error("The program has not been started");
    return this.#program;
  }

  get watch(): Watch {
    if (!this.#watch) throw new Error("Nobody watches yet");
    return this.#watch;
  }

  /** Counters of all links of the host, as /proc/net/dev of its namespace has them now. */
  kernel(): Map<string, Counts> {
    return parseNetDev(readFileSync(`/proc/${this.#out.pid}/net/dev`, "utf8"));
  }

  /** Makes a link, up and wired. */
  addLink(link: string): void {
    this.#watch?.seen.delete(link); // that was another one
    if (this.#options.kind === "veth") {
      this.here.addVeth(link, `${link}-peer`, this.there);
      this.here.ip("link", "set", link, "mtu", String(MTU));
      this.there.ip("link", "set", `${link}-peer`, "mtu", String(MTU));
      this.#inward.set(link, targetThrough(this.there, `${link}-peer`));
      return;
    }
    this.here.ip("link", "add", link, "link", LOWER, "type", "macvlan", "mode", "private");
    this.here.ip("link", "set", link, "up", "mtu", String(MTU));
    this.wire(link);
  }

  /** Again a way for traffic, after a link was down or elsewhere. The far end of macvlans gets one more subnet each time. */
  wire(link: string): void {
    const far = this.#far(link);
    const subnet = /inet (10\.200\.\d+)\.1\//.exec(this.here.ip("address", "show", "dev", link))?.[1];
    if (subnet === undefined) this.here.wire(link, this.there.lladdr(far));
    else {
      const lladdr = this.there.lladdr(far);
      this.here.ip("neighbour", "replace", `${subnet}.2`, "lladdr", lladdr, "dev", link, "nud", "permanent");
    }
    if (this.#options.kind === "macvlan") this.there.wire(far, this.here.lladdr(link));
    this.#inward.set(link, targetThrough(this.there, far));
  }

  /** Two links have each other's names now, and so each other's far ends. */
  crossed(a: string, b: string): void {
    const [inwardA, inwardB] = [this.#inward.get(a) ?? "", this.#inward.get(b) ?? ""];
    this.#inward.set(a, inwardB);
    this.#inward.set(b, inwardA);
  }

  /** Traffic through a link in both directions; anew, when the link is another one than before. */
  async flow(link: string): Promise<void> {
    await this.#hold(link);
    const flow = { out: targetThrough(this.here, link), in: this.#inward.get(link) ?? "" };
    this.#out.through(flow.out);
    this.#in.through(flow.in);
    this.#flowing.set(link, flow);
  }

  /** No more traffic through a link, and none under way. @returns its counters */
  async hold(link: string): Promise<Counts> {
    await this.#hold(link);
    await this.#still(link);
    return this.kernel().get(link) ?? ZERO;
  }

  async #hold(link: string): Promise<void> {
    const flow = this.#flowing.get(link);
    if (!flow) return;
    this.#flowing.delete(link);
    await this.#out.hold(flow.out);
    await this.#in.hold(flow.in);
  }

  /** Waits until every link that has traffic has carried more of it, in both directions. */
  async carry(): Promise<void> {
    const before = this.kernel();
    const enough = (now: Counts, then: Counts): boolean =>
      now.receive_packets - then.receive_packets >= PHASE_PACKETS &&
      now.transmit_packets - then.transmit_packets >= PHASE_PACKETS;
    await eventually(
      () => {
        const now = this.kernel();
        return [...this.#flowing.keys()].every((link) => enough(now.get(link) ?? ZERO, before.get(link) ?? ZERO));
      },
      () => `there is no traffic through ${[...this.#flowing.keys()]}`,
    );
  }

  /** What a link carried while it was no member. */
  notCarried(counts: Counts): void {
    this.#correction = minus(this.#correction, counts);
  }

  /** What nobody could have told. */
  mayMiss(counts: Counts): void {
    this.#bound = plus(this.#bound ?? ZERO, counts);
  }

  /** The program has begun again with nothing: what was carried since it was last asked is not in its counters. */
  beganAgain(): void {
    this.#beginnings++;
    const now = this.kernel();
    for (const link of LINKS) this.mayMiss(minus(now.get(link) ?? ZERO, this.watch.seenBefore.get(link) ?? ZERO));
  }

  remark(text: string): void {
    this.remarks.push(text);
  }

  /** Waits until those are the members of a group. */
  async joined(names: readonly string[], group = "ipmp0"): Promise<void> {
    let last = "";
    await eventually(
      async () => {
        const { body } = await this.program.get(`/api/v1/groups/${group}`);
        const { members } = JSON.parse(body) as { readonly members: readonly { device: string }[] }; // the contract's
        last = members.map(({ device }) => device).join();
        return last === [...names].sort().join();
      },
      () => `members are ${last}, not ${names}:\n${this.program.log.join("\n")}`,
    );
  }

  /** A new configuration, taken up. */
  async reload(groups: Readonly<Record<string, readonly string[]>>): Promise<void> {
    writeFileSync(join(this.program.folder, "ipmp.yml"), configuration(groups));
    const { status, body } = await this.program.get("/-/reload", "POST");
    if (status !== 200) throw new Error(`/-/reload answered ${status}: ${body}`);
  }

  /** Ends the program, and starts it again with the same state. @param during what happens when it is not there */
  async restart(signal: "SIGTERM" | "SIGKILL", during?: () => Promise<void>): Promise<void> {
    const { program } = this;
    program.signal(signal);
    await program.exited();
    this.#program = undefined;
    await during?.();
    const { program: options } = this.#options;
    this.#program = await Program.start(this.hooks, this.#again(program.folder, options));
  }

  /** Starts a program in place of one that has ended, and does not wait. */
  launch(through: readonly string[] = []): Program {
    this.#program = Program.launch(this.hooks, this.#again(this.program.folder, { through }));
    return this.#program;
  }

  /** Waits until a program that was launched is ready. */
  async ready(): Promise<void> {
    await eventually(
      async () => (await this.program.get("/-/ready").catch(() => undefined))?.status === 200,
      () => `the program is not ready:\n${this.program.log.join("\n")}`,
    );
  }

  /** Of the life of a link that has ended: all that it carried and the program can have missed. */
  async lastUnseen(link: string): Promise<Counts> {
    const last = (): Life | undefined => this.#livesOf(link).at(-1);
    const farEnds = (): number => {
      const lives = this.#options.kind === "veth" ? (this.#farRecords?.lives() ?? []) : this.#livesOf(link);
      return lives.filter(({ gone, names }) => gone && names.some((name) => name.startsWith(link))).length;
    };
    await eventually(
      () => last()?.gone === true && farEnds() >= this.#livesOf(link).filter(({ gone }) => gone).length,
      () => `"${link}" is still there`,
    );
    const span = last()?.spans.at(-1);
    return span ? minus(span.last, this.watch.seen.get(link) ?? span.first) : ZERO;
  }

  /** So many messages about links that are nobody's members. */
  async storm(messages: number): Promise<void> {
    this.here.batch(["link add storm type veth peer name storm-peer"]);
    for (let sent = 0; sent < messages; sent += STORM_BURST) {
      this.here.batch(Array.from({ length: STORM_BURST }, (_, n) => `link set storm mtu ${1400 + n}`));
      await wait(STORM_PAUSE_MS);
    }
    this.here.ip("link", "delete", "storm");
  }

  /** Ends the traffic and compares. */
  async outcome(): Promise<Outcome> {
    await this.carry();
    await this.#out.holdAll();
    await this.#in.holdAll();
    await this.#still();
    await this.watch.fresh();
    await this.#rivals?.fresh();
    await this.watch.stop();
    const carried = plus(this.#carried(), this.#correction);
    const rivals = RIVALS.flatMap((rival) => this.#rivals?.get(rival)?.outcome(rival) ?? []);
    const { said, scrapes, beginnings } = this.watch;
    const faults = [...this.faults, ...this.watch.faults];
    if (beginnings !== this.#beginnings)
      faults.push(`counters began anew ${beginnings} times, not ${this.#beginnings}`);
    return { carried, said, bound: this.#bound, rivals, faults, scrapes, beginnings, remarks: this.remarks };
  }

  /** By the kernel: from the first message that a link came with under a member's name to its last, or to now. */
  #carried(): Counts {
    const now = this.kernel();
    let total = ZERO;
    for (const life of this.#allLives()) {
      for (const [n, span] of life.spans.entries()) {
        if (!this.#options.members.test(span.name)) continue;
        const isLast = n === life.spans.length - 1 && !life.gone;
        const end = isLast ? now.get(span.name) : span.last;
        if (!end) throw new Error(`rtmon(8) has "${span.name}" and /proc/net/dev has not`);
        total = plus(total, minus(end, span.first));
      }
    }
    return total;
  }

  #livesOf(name: string): Life[] {
    return this.#allLives().filter(({ spans }) => spans.at(-1)?.name === name);
  }

  /**
   * A veth's last messages say 0 for what it received, because its far end is unlinked first. What it received is what the
   * far end sent, which the far end's own last message has.
   */
  #allLives(): Life[] {
    const lives = this.#records?.lives() ?? [];
    if (this.#options.kind !== "veth") return lives;
    const far = this.#farRecords?.lives() ?? [];
    const ended = new Map<string, number>();
    for (const life of lives) {
      const span = life.spans.at(-1);
      if (!life.gone || !span) continue;
      const nth = ended.get(span.name) ?? 0;
      const peer = far
        .filter(({ gone, names }) => gone && names.includes(`${span.name}-peer`))
        [nth]?.spans.at(-1)?.last;
      if (!peer) continue; // it only moved to another namespace
      ended.set(span.name, nth + 1);
      const { transmit_bytes, transmit_packets } = peer;
      span.last = larger(span.last, { ...ZERO, receive_bytes: transmit_bytes, receive_packets: transmit_packets });
    }
    return lives;
  }

  /** A run with the state and the configuration of the one before. */
  #again(folder: string, { args = [], through = [] }: Pick<ProgramOptions, "args" | "through">): ProgramOptions {
    return { ns: this.here, folder, args: [`--config.file=${join(folder, "ipmp.yml")}`, ...args], through };
  }

  /** The other end. Macvlans share one, which has a subnet for each. */
  #far(link: string): string {
    return this.#options.kind === "veth" ? `${link}-peer` : `${LOWER}-peer`;
  }

  #checkHistory(): void {
    const kernel = this.kernel();
    for (const link of LINKS) {
      const { receive_bytes = 0n, transmit_bytes = 0n } = kernel.get(link) ?? {};
      if (receive_bytes > HISTORY_BYTES && transmit_bytes > HISTORY_BYTES) continue;
      throw new Error(`"${link}" should have a history of ${HISTORY_BYTES} bytes: ${receive_bytes}, ${transmit_bytes}`);
    }
  }

  /** Waits until nothing moves any more. */
  async #still(link?: string): Promise<void> {
    let last: Counts | undefined;
    const now = (): Counts => {
      const all = this.kernel();
      return link === undefined ? LINKS.map((name) => all.get(name) ?? ZERO).reduce(plus) : (all.get(link) ?? ZERO);
    };
    await eventually(
      () => {
        const before = last;
        last = now();
        return before !== undefined && isSame(before, last);
      },
      () => "the counters do not stand still",
    );
  }
}
