/** Basic authentication (RFC 7617) against bcrypt hashes, whose comparison takes so long that its outcome is remembered. */

import { createHmac, randomBytes } from "node:crypto";
import { COSTS, costOf, nobodysHash } from "./bcrypt-hash.ts";
import { type Compared, PasswordQueue } from "./password-queue.ts";

/** `missing`: there is no password to judge. `busy`: too many wait to be compared. */
export type Verdict = "allowed" | "missing" | "wrong" | "busy";

/** A few users from a few scrapers are what this is for. The oldest goes first. */
const MATCHES_KEPT = 100;
/** A scraper with an old password comes again and again; guesses push out guesses. */
const FAILURES_KEPT = 1_000;

export class BasicAuth {
  readonly #queue = new PasswordQueue();
  /** Passwords stay out of memory dumps of the caches: they hold their HMAC under a key that lives as long as the process. */
  readonly #secret = randomBytes(32);
  readonly #matches = new Set<string>();
  readonly #failures = new Set<string>();
  /** Requests that were not let in, by reason; for the metrics. */
  readonly refused = { wrong: 0, busy: 0 };
  readonly #inProgress = new Map<string, Promise<Compared>>();
  #users: ReadonlyMap<string, string> = new Map();
  /** Costs as much as the dearest known one, so that the time does not tell who is known. */
  #nobody = "";

  /** From now on these are the users, with their hashes. */
  use(users: ReadonlyMap<string, string>): void {
    this.#users = users;
    this.#nobody = nobodysHash(Math.max(COSTS.least, ...[...users.values()].map(costOf)));
    if (this.isAsked) this.#queue.start();
  }

  /** Whether there is anybody to ask for. */
  get isAsked(): boolean {
    return this.#users.size > 0;
  }

  /** `authorization` is the header; `source` the client's address. */
  async check(authorization: string | undefined, source: string): Promise<Verdict> {
    const credentials = parseBasic(authorization);
    if (credentials === undefined) return "missing";
    const { user, password } = credentials;
    const known = this.#users.get(user);
    const key = createHmac("sha256", this.#secret)
      .update(JSON.stringify([user, known ?? "", password]))
      .digest("base64");
    if (known !== undefined && this.#matches.has(key)) return "allowed";
    if (this.#failures.has(key)) return this.#refuse("wrong");
    const compared = await this.#compare(key, password, known ?? this.#nobody, source);
    if (compared === "busy") return this.#refuse("busy");
    const allowed = compared === "equal" && known !== undefined;
    remember(allowed ? this.#matches : this.#failures, key, allowed ? MATCHES_KEPT : FAILURES_KEPT);
    return allowed ? "allowed" : this.#refuse("wrong");
  }

  #refuse(verdict: keyof BasicAuth["refused"]): Verdict {
    this.refused[verdict]++;
    return verdict;
  }

  close(): void {
    this.#queue.close();
  }

  /** The same question is asked once, however many wait for the answer. */
  #compare(key: string, password: string, hash: string, source: string): Promise<Compared> {
    const same = this.#inProgress.get(key);
    if (same !== undefined) return same;
    const compared = this.#queue.compare(source, { password, hash });
    this.#inProgress.set(key, compared);
    return compared.finally(() => this.#inProgress.delete(key));
  }
}

function remember(keys: Set<string>, key: string, most: number): void {
  keys.add(key);
  for (const oldest of keys) {
    if (keys.size <= most) break;
    keys.delete(oldest);
  }
}

function parseBasic(header: string | undefined): { readonly user: string; readonly password: string } | undefined {
  const [, encoded] = /^basic +([A-Za-z0-9+/]+=*) *$/i.exec(header ?? "") ?? [];
  if (encoded === undefined) return undefined;
  const text = Buffer.from(encoded, "base64").toString("utf8");
  const colon = text.indexOf(":");
  return colon < 0 ? undefined : { user: text.slice(0, colon), password: text.slice(colon + 1) };
}
