/**
 * What one target has yet to be told. The first change of a thing is told at once; a thing that goes on changing is told of once in the
 * damping time, with its state then and the number of changes that this stands for. While the target has no room, changes wait here and
 * add up.
 */

import type { AgentCounters } from "../exposition/snmp/mibs/agent-counters.ts";
import { type Notification, notificationOf } from "../exposition/snmp/mibs/notification.ts";
import type { MibView } from "../exposition/snmp/view/mib-view.ts";
import type { Log } from "../log/log.ts";
import type { Transition } from "../snapshot/event.ts";

/** Somebody who is told: a receiver, or a master agent who passes it on. */
export interface Target {
  readonly name: string;
  /** How many notifications it takes now. A target that had no room tells the notifier when it has some again. */
  readonly room: number;
  /** Drops the notification, and counts it, when there is no room for it. */
  notify(notification: Notification, mibView: MibView): void;
}

export interface TargetNewsOptions {
  /** Milliseconds in which a thing is told of at most once. */
  readonly dampingMs: number;
  readonly counters: AgentCounters;
  readonly log: Log;
}

/** Of one thing: the changes that the target has not been told of, and when it may be told of again. */
interface Subject {
  /** The last of them. */
  transition: Transition;
  changes: number;
  /** Milliseconds of performance.now(). */
  freeAt: number;
}

/** Three for each of thousands of links. Where links come and go for ever, a target that is dead must not cost ever more memory. */
const SUBJECTS_MAX = 20_000;

export class TargetNews {
  readonly #target: Target;
  readonly #options: TargetNewsOptions;
  /**
   * Things that changed within the last damping time, and things with changes to tell, by subjectOf(). Those that were told of last are
   * last, so that none waits for room for ever.
   */
  readonly #subjects = new Map<string, Subject>();

  constructor(target: Target, options: TargetNewsOptions) {
    this.#target = target;
    this.#options = options;
  }

  changed(key: string, transition: Transition): void {
    const subject = this.#subjects.get(key);
    if (subject) {
      subject.transition = transition;
      subject.changes++;
      return;
    }
    if (this.#subjects.size >= SUBJECTS_MAX) this.#forgetOldest();
    this.#subjects.set(key, { transition, changes: 1, freeAt: 0 });
  }

  /**
   * Things that changed and may be told of now, each with its last change, as many as there is room for; those that need no remembering are
   * forgotten.
   */
  due(now: number): ReadonlyMap<string, Transition> {
    const { room } = this.#target;
    const due = new Map<string, Transition>();
    for (const [key, { freeAt, changes, transition }] of this.#subjects) {
      if (freeAt > now) continue;
      if (changes === 0) this.#subjects.delete(key);
      else if (due.size < room) due.set(key, transition);
    }
    return due;
  }

  /** Tells of those things as long as there is room; `states` is asked for only when one is told. */
  tellOf(keys: Iterable<string>, now: number, states: () => MibView): void {
    for (const key of keys) {
      if (this.#target.room <= 0) return;
      const mibView = states();
      const subject = this.#subjects.get(key);
      if (!subject) continue;
      const notification = notificationOf(subject.transition, subject.changes, mibView);
      this.#subjects.delete(key);
      this.#subjects.set(key, { ...subject, changes: 0, freeAt: now + this.#options.dampingMs });
      if (notification) this.tell(notification, mibView);
      else this.#options.counters.notificationsDropped++;
    }
  }

  /**
   * When the next thing may be told of, in milliseconds of performance.now(): `now` where there is room for more than {@link due} answered, as there is
   * when some of that was gone. Infinity when nothing waits, or all that does waits for room.
   */
  nextDue(now: number): number {
    const hasRoom = this.#target.room > 0;
    let next = Number.POSITIVE_INFINITY;
    for (const { freeAt, changes } of this.#subjects.values())
      if (changes > 0 && (freeAt > now || hasRoom)) next = Math.min(next, Math.max(freeAt, now));
    return next;
  }

  /** Tells it now or never. */
  tell(notification: Notification, mibView: MibView): void {
    try {
      this.#target.notify(notification, mibView);
    } catch (error) {
      this.#options.log.error("SNMP notification failed", { target: this.#target.name, error });
    }
  }

  #forgetOldest(): void {
    for (const [key, { changes }] of this.#subjects) {
      this.#subjects.delete(key);
      if (changes > 0) this.#options.counters.notificationsDropped++;
      return;
    }
  }
}
