/**
 * Work that follows changes: one run at a time, and one more when something has changed while it was under way, so that the last change is never
 * missed. Changes of one turn are one.
 */

export class ChangeFollower {
  readonly #work: () => Promise<void>;
  readonly #failed: (error: unknown) => void;
  #soon: NodeJS.Immediate | undefined;
  #running: Promise<void> | undefined;
  #isStale = false;
  #closed = false;

  /** `failed` is told what a run throws; the next change begins another. */
  constructor(work: () => Promise<void>, failed: (error: unknown) => void) {
    this.#work = work;
    this.#failed = failed;
  }

  /** Something has changed. Whoever calls is in the middle of a turn, and may call for each change. */
  wake(): void {
    if (this.#closed) return;
    this.#soon ??= setImmediate(() => {
      this.#soon = undefined;
      this.#isStale = true;
      this.#running ??= this.#run();
    });
  }

  /** Begins no other run, and waits for the one in progress. */
  async close(): Promise<void> {
    this.#closed = true;
    clearImmediate(this.#soon);
    await this.#running;
  }

  async #run(): Promise<void> {
    while (this.#isStale && !this.#closed) {
      this.#isStale = false;
      try {
        await this.#work();
      } catch (error) {
        this.#failed(error);
      }
    }
    this.#running = undefined;
  }
}
