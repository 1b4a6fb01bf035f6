/** Fetches the page again and takes over what is different; one fetch at a time, and one more when something happened meanwhile. */

import { announcements } from "./announcements.ts";
import type { Connection } from "./connection.ts";
import { localize } from "./local-time.ts";
import { morph, morphChildren } from "./morph.ts";

const DEADLINE_MS = 8_000;

export class Refresher {
  readonly #document: Document;
  readonly #connection: Connection;
  #busy = false;
  #again = false;

  constructor(page: Document, connection: Connection) {
    this.#document = page;
    this.#connection = connection;
    localize(page);
  }

  refresh(): void {
    if (this.#busy) {
      this.#again = true;
      return;
    }
    this.#busy = true;
    void this.#fetch().finally(() => {
      this.#busy = false;
      if (!this.#again) return;
      this.#again = false;
      this.refresh();
    });
  }

  async #fetch(): Promise<void> {
    try {
      const response = await fetch(location.href, { cache: "no-cache", signal: AbortSignal.timeout(DEADLINE_MS) });
      const text = await response.text();
      const next = new DOMParser().parseFromString(text, "text/html");
      const { assets } = next.documentElement.dataset;
      // Something else answered: a proxy, or the program while it starts or is busy.
      if (assets === undefined) throw new Error(`the answer was ${response.status}`);
      this.#take(next, assets);
    } catch (error) {
      this.#connection.lost(error instanceof DOMException && error.name === "TimeoutError" ? "no answer" : undefined);
    }
  }

  #take(next: Document, assets: string): void {
    const { documentElement, title } = this.#document;
    if (assets !== documentElement.dataset["assets"]) {
      location.reload(); // the program is another version now
      return;
    }
    localize(next);
    const news = announcements(this.#document, next);
    if (title !== next.title) this.#document.title = next.title;
    const [icon, nextIcon] = [this.#document, next].map((page) =>
      page.querySelector<HTMLLinkElement>("link[rel=icon]"),
    );
    if (icon && nextIcon) morph(icon, nextIcon);
    morphChildren(this.#document.body, next.body); // its attributes are the connection's
    this.#connection.alive(news);
  }
}
