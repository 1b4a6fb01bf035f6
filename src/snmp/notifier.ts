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
  /** The MIB with the states of now; no counter is read for it. */
  readonly states: () => MibView;
}

export class Notifier {
  readonly #options: NotifierOptions;
  /** One for each target. */
  readonly #news: readonly TargetNews[];
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
    let mibView: MibView | undefined;
    const states = (): MibView => {
      mibView ??= this.#options.states();
      return mibView;
    };
    const due = Math.min(...this.#news.map((news) => news.tellDue(now, states)));
    if (due < Number.POSITIVE_INFINITY) this.#timer = setTimeout(() => this.#wake(), Math.ceil(due - now));
  }

  #tell(notification: Notification): void {
    const mibView = this.#options.states();
    for (const news of this.#news) news.tell(notification, mibView);
  }
}

/** Milliseconds: whoever guesses communities must not make us send more than that. */
const AUTHENTICATION_FAILURE_MS = 10_000;
