/** The event stream, opened again whenever it ends: EventSource gives up by itself at the first answer that is not a stream. */

export interface FeedListener {
  onUp(): void;
  onEvent(): void;
  onDown(): void;
}

const FIRST_RETRY_MS = 1_000;
const LAST_RETRY_MS = 15_000;

export class Feed {
  readonly #url: URL;
  readonly #kinds: readonly string[];
  readonly #listener: FeedListener;
  #source: EventSource | undefined;
  #retry: number | undefined;
  #retryMs = FIRST_RETRY_MS;

  /** `kinds`: the names of events, each of which EventSource wants to be told. */
  constructor(url: URL, kinds: readonly string[], listener: FeedListener) {
    this.#url = url;
    this.#kinds = kinds;
    this.#listener = listener;
  }

  open(): void {
    if (this.#source !== undefined) return;
    clearTimeout(this.#retry);
    const source = new EventSource(this.#url);
    this.#source = source;
    source.addEventListener("history", () => {
      this.#retryMs = FIRST_RETRY_MS;
      this.#listener.onUp();
    });
    for (const kind of this.#kinds) source.addEventListener(kind, () => this.#listener.onEvent());
    source.addEventListener("error", () => {
      this.close();
      this.#retry = setTimeout(() => this.open(), this.#retryMs);
      this.#retryMs = Math.min(this.#retryMs * 2, LAST_RETRY_MS);
      this.#listener.onDown();
    });
  }

  close(): void {
    clearTimeout(this.#retry);
    this.#source?.close();
    this.#source = undefined;
  }
}
