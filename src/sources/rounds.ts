/** Repeats a round of questions to a system for as long as it is watched: one round at a time, each after a pause of its own. */

export interface RoundsOptions {
  /** Milliseconds from the beginning of a round to that of the next. */
  readonly intervalMs: number;
  /** Milliseconds that the system is left alone after each round at least, however long it took. */
  readonly pauseMs: number;
  /** The share of the interval, 0 to 1, by which a round may begin earlier: so that many systems are not asked at once. */
  readonly jitter?: number;
  /** Asks, and stores what is answered. It bears its own failures: what it throws ends the program. */
  readonly round: () => Promise<void>;
}

export class Rounds {
  readonly #options: RoundsOptions;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;
  #stopped = false;

  constructor(options: RoundsOptions) {
    this.#options = options;
  }

  /** The first round begins after `firstMs` milliseconds. */
  start(firstMs: number): void {
    this.#arm(firstMs);
  }

  /** No other round begins. Resolves when the one that is under way, if any, has ended. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#running;
  }

  #arm(afterMs: number): void {
    if (this.#stopped) return;
    this.#timer = setTimeout(() => {
      this.#running = this.#once();
    }, afterMs).unref();
  }

  async #once(): Promise<void> {
    const { intervalMs, pauseMs, jitter = 0, round } = this.#options;
    const began = performance.now();
    await round();
    this.#running = undefined;
    const interval = intervalMs * (1 - jitter * Math.random());
    this.#arm(Math.max(pauseMs, interval - (performance.now() - began)));
  }
}
