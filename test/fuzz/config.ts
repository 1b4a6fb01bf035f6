/** Configurations and web configurations, right ones and changed ones: each is a configuration, or lines that say what is wrong. */

import assert from "node:assert/strict";
import { formatConfigurationError } from "#src/config/configuration-error.js";
import { parseText } from "#src/config/document.js";
import { configure } from "#src/config/load.js";
import { parseWebConfig, WebConfigError } from "#src/web/web-config.js";
import { ENVIRONMENT } from "../config/support.ts";
import { changed, corpus, type FuzzTarget, type Random } from "./target.ts";

export class ConfigTarget implements FuzzTarget {
  readonly #originals = corpus("config").map(([, bytes]) => bytes);
  readonly #counts = { right: 0, wrong: 0 };

  make(random: Random): Uint8Array {
    return changed(this.#originals, random);
  }

  take(input: Uint8Array): void {
    const text = Buffer.from(input).toString("utf8");
    const document = parseText("c.yml", text);
    const result = Array.isArray(document) ? document : configure(document, new Map(), ENVIRONMENT);
    this.#counts[Array.isArray(result) ? "wrong" : "right"]++;
    if (Array.isArray(result)) {
      assert.ok(result.length > 0, "a wrong file of which nothing is said");
      for (const line of result.map(formatConfigurationError)) isLine(line);
    }
    try {
      parseWebConfig(text, "web.yml");
    } catch (error) {
      assert.ok(error instanceof WebConfigError, String(error));
      isLine(error.message);
    }
  }

  summary(): string {
    return `${this.#counts.right} right, ${this.#counts.wrong} wrong`;
  }
}

function isLine(text: string): void {
  assert.match(text, /^[^\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]+$/u);
}
