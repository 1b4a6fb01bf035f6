/**
 * Tells receivers when something changed. It compares what is with what it told last, so that whatever wakes it, and however
 * often, each change is told once; a thing that flaps is told of at most once in the damping time, with its state then.
 */

import {
  AUTHENTICATION_FAILURE_NOTIFICATION,
  COLD_START_NOTIFICATION,
  type Notification,
  subjects,
} from "../exposition/snmp/mibs/notification.ts";
import type { MibView } from "../exposition/snmp/view/mib-view.ts";
import type { Log } from "./snmp-engine.ts";

/** Somebody who is told: a receiver, or a master agent who passes it on. */
export interface Target {
  readonly name: string;
  notify(notification: Notification, mibView: MibView): void;
}

export interface NotifierOptions {
  readonly targets: readonly Target[];
  /** The MIB of now. */
  readonly mibView: () => MibView;
  /** Milliseconds in which a thing is told of at most once. */
  readonly dampingMs: number;
  readonly log: Log;
}

/** Of one thing: the state that was told, and when. */
interface Told {
  state: string;
  at: number;
}

const NEVER = Number.NEGATIVE_INFINITY;

export class Notifier {
  readonly #options: NotifierOptions;
  readonly #told = new Map<string, Told>();
  #authenticationFailureAt = NEVER;
  #timer: NodeJS.Timeout | undefined;
  #soon: NodeJS.Immediate | undefined;

  constructor(options: NotifierOptions) {
    this.#options = options;
  }

  /** Tells that the agent started, and takes what is now for what everybody knows. */
  start(): void {
    const mibView = this.#options.mibView();
    for (const [key, { state }] of subjects(mibView.context)) this.#told.set(key, { state, at: NEVER });
    this.#tell(COLD_START_NOTIFICATION, mibView);
  }

  /** Something may have changed. Never acts at once: whoever calls is in the middle of it. */
  wake(): void {
    this.#soon ??= setImmediate(() => {
      this.#soon = undefined;
      try {
        this.#compare();
      } catch (error) {
        this.#options.log.error("SNMP notifications failed", { error });
      }
    });
  }

  authenticationFailed(): void {
    const now = performance.now();
    if (now - this.#authenticationFailureAt < Math.max(this.#options.dampingMs, AUTHENTICATION_FAILURE_MS)) return;
    this.#authenticationFailureAt = now;
    this.#tell(AUTHENTICATION_FAILURE_NOTIFICATION, this.#options.mibView());
  }

  close(): void {
    clearTimeout(this.#timer);
    clearImmediate(this.#soon);
  }

  #compare(): void {
    const mibView = this.#options.mibView();
    const now = performance.now();
    const current = subjects(mibView.context);
    let due = Number.POSITIVE_INFINITY;
    for (const [key, { state, notification }] of current) {
      const told = this.#told.get(key);
      if (told === undefined) this.#told.set(key, { state, at: NEVER });
      else if (told.state !== state) {
        const free = told.at + this.#options.dampingMs;
        if (free > now) due = Math.min(due, free);
        else {
          told.state = state;
          told.at = now;
          this.#tell(notification, mibView);
        }
      }
    }
    for (const key of this.#told.keys()) if (!current.has(key)) this.#told.delete(key);
    clearTimeout(this.#timer);
    if (due < Number.POSITIVE_INFINITY) this.#timer = setTimeout(() => this.wake(), Math.ceil(due - now));
  }

  #tell(notification: Notification, mibView: MibView): void {
    for (const target of this.#options.targets) {
      try {
        target.notify(notification, mibView);
      } catch (error) {
        this.#options.log.error("SNMP notification failed", { target: target.name, error });
      }
    }
  }
}

/** Milliseconds: whoever guesses communities must not make us send more than that. */
const AUTHENTICATION_FAILURE_MS = 10_000;
