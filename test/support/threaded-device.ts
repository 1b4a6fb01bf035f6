/** A made-up device that answers while the thread of the test does something else. */

import { once } from "node:events";
import { Worker } from "node:worker_threads";
import type { Hooks } from "./netns.ts";

/** Milliseconds that a device may take for an answer. */
const PATIENCE_MS = 60_000;

export class ThreadedDevice {
  readonly target: string;
  readonly #counts: Int32Array;

  private constructor(target: string, counts: Int32Array) {
    this.target = target;
    this.#counts = counts;
  }

  static async start(hooks: Hooks): Promise<ThreadedDevice> {
    const counts = new Int32Array(new SharedArrayBuffer(8));
    const worker = new Worker(new URL("./device-thread.js", import.meta.url), { workerData: counts });
    hooks.after(() => void worker.terminate());
    const [target] = (await once(worker, "message")) as [string];
    return new ThreadedDevice(target, counts);
  }

  /** How many requests it has answered. */
  get answers(): number {
    return Atomics.load(this.#counts, 0);
  }

  /** How many it has had. */
  get requests(): number {
    return Atomics.load(this.#counts, 1);
  }

  /** Holds this thread, and so all that waits in its loop, until the device has sent so many answers. */
  holdUntilAnswered(count: number): void {
    for (let sent = this.answers; sent < count; sent = this.answers)
      if (Atomics.wait(this.#counts, 0, sent, PATIENCE_MS) === "timed-out") throw new Error(`only ${sent} answers`);
  }
}
