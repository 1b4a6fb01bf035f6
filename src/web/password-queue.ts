/**
 * Comparisons of passwords, one after the other in a thread of their own, so that guessing slows nobody down. So many may wait; the
 * client addresses take turns, and none keeps another from its share of the queue.
 */

import { Worker } from "node:worker_threads";
import type { Comparison } from "./password-worker.ts";
import { type Place, Places } from "./places.ts";

/** `busy`: too many wait, or the thread has ended. */
export type Compared = "equal" | "different" | "busy";

/** Comparisons in progress and waiting. A quarter of them are what a client waits for who comes among three others. */
const WAITING = 16;

interface Job {
  readonly comparison: Comparison;
  readonly place: Place;
  readonly done: (compared: Compared) => void;
}

export class PasswordQueue {
  readonly #places = new Places(WAITING);
  /** By client address; whose turn comes next is first. */
  readonly #waiting = new Map<string, Job[]>();
  #worker: Worker | undefined;
  #current: Job | undefined;
  #closed = false;

  /** The thread's file is read now: at the first comparison, an upgrade of the package may have taken it away. */
  start(): void {
    if (!this.#closed) this.#thread();
  }

  compare(source: string, comparison: Comparison): Promise<Compared> {
    return new Promise((resolve) => {
      const takenAway = (): void => this.#giveUp(source, job);
      const place = this.#closed ? undefined : this.#places.take(source, takenAway);
      if (place === undefined) return resolve("busy");
      const done = (compared: Compared): void => {
        place.release();
        resolve(compared);
      };
      const job: Job = { comparison, place, done };
      const jobs = this.#waiting.get(source);
      if (jobs === undefined) this.#waiting.set(source, [job]);
      else jobs.push(job);
      this.#next();
    });
  }

  close(): void {
    this.#closed = true;
    void this.#worker?.terminate();
    this.#end("busy");
    for (const jobs of this.#waiting.values()) for (const { done } of jobs) done("busy");
    this.#waiting.clear();
  }

  #giveUp(source: string, job: Job): void {
    const jobs = this.#waiting.get(source)?.filter((other) => other !== job) ?? [];
    if (jobs.length > 0) this.#waiting.set(source, jobs);
    else this.#waiting.delete(source);
    job.done("busy");
  }

  #next(): void {
    if (this.#current !== undefined) return;
    for (const [source, [job, ...more]] of this.#waiting) {
      // Behind the others until its next turn.
      this.#waiting.delete(source);
      if (more.length > 0) this.#waiting.set(source, more);
      if (job === undefined) continue;
      this.#current = job;
      this.#thread().postMessage(job.comparison);
      return;
    }
  }

  #end(compared: Compared): void {
    const job = this.#current;
    this.#current = undefined;
    job?.done(compared);
  }

  #thread(): Worker {
    if (this.#worker !== undefined) return this.#worker;
    const worker = new Worker(new URL("./password-worker.js", import.meta.url));
    const ended = (): void => {
      if (this.#worker !== worker) return;
      this.#worker = undefined;
      this.#end("busy");
      if (!this.#closed) this.#next();
    };
    worker.on("message", (equal: boolean) => {
      this.#end(equal ? "equal" : "different");
      this.#next();
    });
    // What is wrong with it ends it; the next comparison gets another one.
    worker.on("error", ended);
    worker.on("exit", ended);
    worker.unref();
    this.#worker = worker;
    return worker;
  }
}
