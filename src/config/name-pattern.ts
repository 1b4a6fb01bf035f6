/**
 * Regular expressions for names, of a kind that is matched in time linear to the name: RE2's syntax, as in Prometheus and Go. JavaScript's
 * own can take for ever over a name of a hundred bytes, and whoever may name a link chooses the name.
 */

import { createRequire } from "node:module";
import type * as Re2 from "re2js";

export interface NamePattern {
  readonly source: string;
  /** Whether a match is found anywhere in the name. */
  test(name: string): boolean;
}

export class Re2Pattern implements NamePattern {
  readonly #compiled: Re2.RE2JS;
  readonly #source: string;

  /** @throws Error whose message says what is wrong, without the expression's own text */
  constructor(source: string) {
    // Loaded when there is an expression: few configurations have one.
    const { RE2JS, RE2JSException } = createRequire(import.meta.url)("re2js") as typeof Re2;
    this.#source = source;
    try {
      this.#compiled = RE2JS.compile(source);
    } catch (error) {
      if (!(error instanceof RE2JSException)) throw error;
      // "error parsing regexp: missing closing ]: `[a-`"
      const [, reason = "not understood"] = /^error parsing regexp: ([^`]*?)(?:: `.*)?$/s.exec(error.message) ?? [];
      throw new Error(reason, { cause: error });
    }
  }

  get source(): string {
    return this.#source;
  }

  test(name: string): boolean {
    return this.#compiled.matcher(name).find();
  }
}
