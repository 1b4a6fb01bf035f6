/** Says whether what is shown is of now. */

export class Connection {
  readonly #body: HTMLElement;
  readonly #indicator: HTMLElement | null;
  readonly #banner: HTMLElement | null;
  readonly #announcement: HTMLElement | null;
  #lastSeen = new Date();
  #isLost = false;

  constructor(page: Document) {
    this.#body = page.body;
    this.#indicator = page.getElementById("connection");
    this.#banner = page.getElementById("lost");
    this.#announcement = page.getElementById("announcement");
  }

  /** There was an answer: the page is of this moment. `news`: what a screen reader should say of it. */
  alive(news: readonly string[]): void {
    this.#lastSeen = new Date();
    const wasLost = this.#isLost;
    this.#isLost = false;
    this.#body.classList.remove("lost");
    if (this.#banner) this.#banner.hidden = true;
    this.#announce(wasLost ? ["The connection is back", ...news] : news);
    this.#indicate(`Live, ${this.#lastSeen.toLocaleTimeString()}`, true);
  }

  /** There was none. `why` where more is known than that. */
  lost(why: string | undefined): void {
    const when = this.#lastSeen.toLocaleTimeString();
    this.#indicate(`As of ${when}`, false);
    if (this.#isLost) return; // said once, or a screen reader would say it again and again
    this.#isLost = true;
    this.#body.classList.add("lost");
    if (!this.#banner) return;
    this.#banner.hidden = false;
    this.#banner.textContent = `Connection lost${why === undefined ? "" : ` (${why})`}: everything below is as it was at ${when}. Trying again …`;
  }

  #announce(sentences: readonly string[]): void {
    if (this.#announcement && sentences.length > 0) this.#announcement.textContent = `${sentences.join(". ")}.`;
  }

  #indicate(text: string, live: boolean): void {
    if (!this.#indicator) return;
    this.#indicator.textContent = text;
    this.#indicator.classList.toggle("live", live);
  }
}
