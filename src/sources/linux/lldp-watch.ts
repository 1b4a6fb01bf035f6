/**
 * Asks lldpd from time to time who is at the other end of each link, through its own client: its socket speaks a language of one version.
 * Where there is no lldpd, or it does not let us, nobody is known.
 */

import { existsSync } from "node:fs";
import type { LinkAttributes } from "../../link/link-attributes.ts";
import type { LldpNeighbour } from "../../link/lldp-neighbour.ts";
import { type CommandResult, CommandRunner } from "../command.ts";
import { parseNeighbours } from "./lldp-neighbours.ts";

export interface LldpOptions {
  /** Absolute path of lldpcli; undefined asks nobody. */
  readonly client: string | undefined;
  /** Control socket of lldpd; undefined: the client knows. */
  readonly socket: string | undefined;
}

/** Neighbours speak every 30 seconds by default, and are forgotten after 120. */
const INTERVAL_MS = 15_000;
/** Where nobody answers, somebody may be installed or started later. */
const UNANSWERED_MS = 300_000;
const LIMITS = { deadlineMs: 10_000, mostOutput: 16_000_000 };

export class LldpWatch {
  readonly #options: LldpOptions;
  readonly #runner = new CommandRunner(LIMITS);
  /** Links that were told, by ifindex. */
  readonly #names = new Map<number, string>();
  /** ifindexes of links with another neighbour than they were told with. */
  readonly #news = new Set<number>();
  #neighbours: ReadonlyMap<string, LldpNeighbour> = new Map();
  #timer: NodeJS.Timeout | undefined;
  /** Whether the last question was answered. */
  #hasAnswered = false;
  #isClosed = false;

  constructor(options: LldpOptions) {
    this.#options = options;
  }

  /** `onNews` is called when there is something to {@link take}, `onRefusal` when lldpd is there and does not let us. */
  open(onNews: () => void, onRefusal: (cause: string) => void): void {
    const { client } = this.#options;
    if (client === undefined) return;
    const ask = async (): Promise<void> => {
      const result = existsSync(client) ? await this.#ask(client) : undefined;
      const told = result?.kind === "ended" && result.status === 0 ? parseNeighbours(result.stdout) : undefined;
      const refused = result && refusalIn(result);
      if (this.#isClosed) return;
      // Who has just answered and now does not is perhaps being started anew.
      this.#timer = setTimeout(() => void ask(), told || this.#hasAnswered ? INTERVAL_MS : UNANSWERED_MS).unref();
      this.#hasAnswered = told !== undefined;
      if (refused !== undefined) onRefusal(refused);
      if (this.#isNews(told ?? new Map())) onNews();
    };
    // Not at once: a source that is only tried is closed before that.
    this.#timer = setTimeout(() => void ask(), 0).unref();
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    this.#runner.close();
    this.#names.clear();
  }

  /** The link with its neighbour. */
  complete(link: LinkAttributes): LinkAttributes {
    this.#names.set(link.ifindex, link.name);
    this.#news.delete(link.ifindex);
    const neighbour = this.#neighbours.get(link.name);
    return neighbour ? { ...link, neighbour } : link;
  }

  forget(ifindex: number): void {
    this.#names.delete(ifindex);
    this.#news.delete(ifindex);
  }

  /** ifindexes of links that have another neighbour now: to be completed anew. */
  take(): number[] {
    const changed = [...this.#news];
    this.#news.clear();
    return changed;
  }

  #ask(client: string): Promise<CommandResult> {
    const { socket } = this.#options;
    const at = socket === undefined ? [] : ["-u", socket];
    return this.#runner.run({ file: client, args: [...at, "-f", "json0", "show", "neighbors", "summary"] });
  }

  /** Takes over who is heard now. */
  #isNews(neighbours: ReadonlyMap<string, LldpNeighbour>): boolean {
    const before = this.#neighbours;
    this.#neighbours = neighbours;
    for (const [ifindex, name] of this.#names)
      if (!isSame(before.get(name), neighbours.get(name))) this.#news.add(ifindex);
    return this.#news.size > 0;
  }
}

function isSame(a: LldpNeighbour | undefined, b: LldpNeighbour | undefined): boolean {
  return a?.chassis === b?.chassis && a?.systemName === b?.systemName && a?.port === b?.port;
}

/** Undefined where there is no lldpd that could let us: that is no news. */
function refusalIn(result: CommandResult): string | undefined {
  const why = result.kind === "failed" && result.outcome === "refused" ? result.cause : undefined;
  const said = result.kind === "ended" && /permission denied/i.test(result.stderr);
  if (why === undefined && !said) return undefined;
  return `switches are not known by LLDP: ${why ?? "lldpd's socket is closed to this user"}; see docs/SHARED-FATE.md`;
}
