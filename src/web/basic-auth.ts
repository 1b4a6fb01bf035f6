/** Basic authentication (RFC 7617) against bcrypt hashes, which take a tenth of a second each: a match is remembered. */

import { createHmac, randomBytes } from "node:crypto";
import { compare } from "bcryptjs";

/** `busy`: too many passwords wait to be checked. */
export type Verdict = "allowed" | "denied" | "busy";

/** Matches kept, the oldest going first. A few users from a few scrapers are what this is for. */
const REMEMBERED = 100;
/** Checks that may wait. They run one after the other, so that guessing cannot take the whole processor. */
const WAITING = 16;
/** A hash that nobody's password has: an unknown user costs as much time as a known one. */
const NOBODY = "$2b$10$abcdefghijklmnopqrstuuO7qL7KE4mjTHTDtmeGkPjKSkQ1Jv0jW";

export class BasicAuth {
  /** Passwords stay out of memory dumps of the cache: it holds their HMAC under a key that lives as long as the process. */
  readonly #secret = randomBytes(32);
  readonly #matches = new Set<string>();
  #last: Promise<unknown> = Promise.resolve();
  #waiting = 0;

  /** `authorization` is the header; `users` maps names to hashes. */
  async check(users: ReadonlyMap<string, string>, authorization: string | undefined): Promise<Verdict> {
    const credentials = parseBasic(authorization);
    if (credentials === undefined) return "denied";
    const { user, password } = credentials;
    const known = users.get(user);
    const key = createHmac("sha256", this.#secret)
      .update(JSON.stringify([user, known ?? "", password]))
      .digest("base64");
    if (known !== undefined && this.#matches.has(key)) return "allowed";
    if (this.#waiting >= WAITING) return "busy";
    this.#waiting++;
    const turn = this.#last.then(() => this.#matches.has(key) || compare(password, known ?? NOBODY));
    this.#last = turn.catch(() => undefined);
    try {
      const matches = (await turn) && known !== undefined;
      if (matches) this.#remember(key);
      return matches ? "allowed" : "denied";
    } finally {
      this.#waiting--;
    }
  }

  #remember(key: string): void {
    this.#matches.add(key);
    for (const oldest of this.#matches) {
      if (this.#matches.size <= REMEMBERED) break;
      this.#matches.delete(oldest);
    }
  }
}

function parseBasic(header: string | undefined): { readonly user: string; readonly password: string } | undefined {
  const [, encoded] = /^basic +([A-Za-z0-9+/]+=*) *$/i.exec(header ?? "") ?? [];
  if (encoded === undefined) return undefined;
  const text = Buffer.from(encoded, "base64").toString("utf8");
  const colon = text.indexOf(":");
  return colon < 0 ? undefined : { user: text.slice(0, colon), password: text.slice(colon + 1) };
}
