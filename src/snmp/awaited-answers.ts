/** What an AgentX master was asked and has not answered yet, and how long that may last. */

/** Called with what a response says: `res.error` (RFC 2741 section 6.2.16) and the session of its header. */
export type TakeAnswer = (error: number, session: number) => void;

interface Awaited {
  readonly take: TakeAnswer;
  /** Milliseconds of performance.now(). */
  readonly askedAt: number;
}

export class AwaitedAnswers {
  readonly #answerMs: number;
  readonly #late: () => void;
  /** By packet (h.packetID), oldest first. */
  readonly #awaited = new Map<number, Awaited>();
  #deadline: NodeJS.Timeout | undefined;

  /** `late` is called when nothing was answered for so many milliseconds though something is waited for. */
  constructor(answerMs: number, late: () => void) {
    this.#answerMs = answerMs;
    this.#late = late;
  }

  /** The time begins now, unless it is running: also where nothing could be asked yet. */
  expectOne(): void {
    this.#deadline ??= setTimeout(this.#late, this.#answerMs);
  }

  add(packet: number, take: TakeAnswer): void {
    this.#awaited.set(packet, { take, askedAt: performance.now() });
    this.expectOne();
  }

  /** Whoever waits for this answer, which has come. What answers nothing that was asked is no sign that anything will be. */
  come(packet: number): TakeAnswer | undefined {
    const found = this.#awaited.get(packet);
    if (found === undefined) return undefined;
    this.#awaited.delete(packet);
    // The rest have their own time, counted from now.
    this.#stop();
    if (this.#awaited.size > 0) this.expectOne();
    return found.take;
  }

  /** Whether the oldest will not be answered: a master may answer in any order, but one that answers what came later does not mean to answer what is that old. */
  hasForgotten(answered: number): boolean {
    const [oldest] = this.#awaited;
    if (oldest === undefined) return false;
    const [packet, { askedAt }] = oldest;
    return packet < answered && performance.now() - askedAt > this.#answerMs;
  }

  clear(): void {
    this.#stop();
    this.#awaited.clear();
  }

  #stop(): void {
    clearTimeout(this.#deadline);
    this.#deadline = undefined;
  }
}
