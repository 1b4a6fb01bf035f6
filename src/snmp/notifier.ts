/** Tells targets what changed, from the transitions that everybody is told of: each target as fast as it takes it. */

import {
  AUTHENTICATION_FAILURE_NOTIFICATION,
  COLD_START_NOTIFICATION,
  type Notification,
  subjectOf,
} from "../exposition/snmp/mibs/notification.ts";
import type { MibView } from "../exposition/snmp/view/mib-view.ts";
import type { Transition } from "../snapshot/event.ts";
import { type Target, TargetNews, type TargetNewsOptions } from "./target-news.ts";

export interface NotifierOptions extends TargetNewsOptions {
  readonly targets: readonly Target[];
  /** The MIB with the states of now of what transitions tell of; no counter is read for it. */
  readonly states: (transitions: readonly Transition[]) => MibView;
}

export class Notifier {
  readonly #options: NotifierOptions;
  /** One for each target. */
  readonly #news: readonly TargetNews[];
  /** Labels of members of whose leaving targets are told: that such a one is back, they are to know as well. Those that left first are first. */
  readonly #left = new Set<string>();
  #authenticationFailureAt = Number.NEGATIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;
  #soon: NodeJS.Immediate | undefined;

  constructor(options: NotifierOptions) {
    this.#options = options;
    this.#news = options.targets.map((target) => new TargetNews(target, options));
  }

  /** Tells that the agent started. */
  start(): void {
    this.#tell(COLD_START_NOTIFICATION);
  }

  /** Something changed. Never tells at once: whoever calls is in the middle of it. */
  changed(transition: Transition): void {
    const key = subjectOf(transition);
    if (key === undefined) return;
    if (transition.kind === "member-left") this.#hasLeft(transition.device);
    // At a start everything joins.
    if (transition.kind === "member-joined" && !this.#left.delete(transition.device)) return;
    for (const news of this.#news) news.changed(key, transition);
    this.#wake();
  }

  /** A target that had no room has some again. */
  roomAgain(): void {
    this.#wake();
  }

  authenticationFailed(): void {
    const now = performance.now();
    if (now - this.#authenticationFailureAt < Math.max(this.#options.dampingMs, AUTHENTICATION_FAILURE_MS)) return;
    this.#authenticationFailureAt = now;
    this.#tell(AUTHENTICATION_FAILURE_NOTIFICATION);
  }

  close(): void {
    clearTimeout(this.#timer);
    clearImmediate(this.#soon);
  }

  #hasLeft(device: string): void {
    this.#left.add(device);
    const [oldest] = this.#left;
    if (this.#left.size > LEFT_MAX && oldest !== undefined) this.#left.delete(oldest);
  }

  #wake(): void {
    this.#soon ??= setImmediate(() => {
      this.#soon = undefined;
      try {
        this.#tellDue();
      } catch (error) {
        this.#options.log.error("SNMP notifications failed", { error });
      }
    });
  }

  #tellDue(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const now = performance.now();
    const due = this.#news.map((news) => news.due(now));
    let mibView: MibView | undefined;
    const states = (): MibView => {
      // What changes while this looks wakes anew.
      mibView ??= this.#options.states([...new Map(due.flatMap((things) => [...things])).values()]);
      return mibView;
    };
    for (const [n, news] of this.#news.entries()) news.tellOf(due[n]?.keys() ?? [], now, states);
    const next = Math.min(...this.#news.map((news) => news.nextDue(now)));
    if (next < Number.POSITIVE_INFINITY) this.#timer = setTimeout(() => this.#wake(), Math.ceil(next - now));
  }

  #tell(notification: Notification): void {
    const mibView = this.#options.states([]);
    for (const news of this.#news) news.tell(notification, mibView);
  }
}

/** Where links come and go for ever under new names, nobody waits for most of them. */
const LEFT_MAX = 20_000;

/** Milliseconds: whoever guesses communities must not make us send more than that. */
const AUTHENTICATION_FAILURE_MS = 10_000;
