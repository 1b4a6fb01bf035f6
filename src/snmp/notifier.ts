/**
 * Tells receivers what changed, from the transitions that everybody is told of. The first change of a thing is told at once; a thing that
 * goes on changing is told of once in the damping time, with its state then and the number of changes that this stands for.
 */

import {
  AUTHENTICATION_FAILURE_NOTIFICATION,
  COLD_START_NOTIFICATION,
  type Notification,
  notificationOf,
  subjectOf,
} from "../exposition/snmp/mibs/notification.ts";
import type { MibView } from "../exposition/snmp/view/mib-view.ts";
import type { Log } from "../log/log.ts";
import type { Transition } from "../snapshot/event.ts";

/** Somebody who is told: a receiver, or a master agent who passes it on. */
export interface Target {
  readonly name: string;
  notify(notification: Notification, mibView: MibView): void;
}

export interface NotifierOptions {
  readonly targets: readonly Target[];
  /** The MIB with the states of now; no counter is read for it. */
  readonly states: () => MibView;
  /** Milliseconds in which a thing is told of at most once. */
  readonly dampingMs: number;
  readonly log: Log;
}

/** Of one thing: the changes that nobody has been told of, and when it may be told of again. */
interface Subject {
  /** The last of them. */
  transition: Transition;
  changes: number;
  /** Milliseconds of performance.now(). */
  freeAt: number;
}

export class Notifier {
  readonly #options: NotifierOptions;
  /** Things that changed within the last damping time, and things with changes to tell. */
  readonly #subjects = new Map<string, Subject>();
  #authenticationFailureAt = Number.NEGATIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;
  #soon: NodeJS.Immediate | undefined;

  constructor(options: NotifierOptions) {
    this.#options = options;
  }

  /** Tells that the agent started. */
  start(): void {
    this.#tell(COLD_START_NOTIFICATION, this.#options.states());
  }

  /** Something changed. Never tells at once: whoever calls is in the middle of it. */
  changed(transition: Transition): void {
    const key = subjectOf(transition);
    if (key === undefined) return;
    const subject = this.#subjects.get(key);
    if (subject) {
      subject.transition = transition;
      subject.changes++;
    } else this.#subjects.set(key, { transition, changes: 1, freeAt: 0 });
    this.#wake();
  }

  authenticationFailed(): void {
    const now = performance.now();
    if (now - this.#authenticationFailureAt < Math.max(this.#options.dampingMs, AUTHENTICATION_FAILURE_MS)) return;
    this.#authenticationFailureAt = now;
    this.#tell(AUTHENTICATION_FAILURE_NOTIFICATION, this.#options.states());
  }

  close(): void {
    clearTimeout(this.#timer);
    clearImmediate(this.#soon);
  }

  #wake(): void {
    this.#soon ??= setImmediate(() => {
      this.#soon = undefined;
      try {
        this.#tellAll();
      } catch (error) {
        this.#options.log.error("SNMP notifications failed", { error });
      }
    });
  }

  /** Tells of every thing that changed and may be told of now; the others wait for their time. */
  #tellAll(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const now = performance.now();
    let due = Number.POSITIVE_INFINITY;
    let mibView: MibView | undefined;
    for (const [key, subject] of this.#subjects) {
      if (subject.freeAt > now) {
        if (subject.changes > 0) due = Math.min(due, subject.freeAt);
        continue;
      }
      if (subject.changes === 0) {
        this.#subjects.delete(key);
        continue;
      }
      mibView ??= this.#options.states();
      const notification = notificationOf(subject.transition, subject.changes, mibView.context);
      subject.changes = 0;
      subject.freeAt = now + this.#options.dampingMs;
      if (notification) this.#tell(notification, mibView);
    }
    if (due < Number.POSITIVE_INFINITY) this.#timer = setTimeout(() => this.#wake(), Math.ceil(due - now));
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
