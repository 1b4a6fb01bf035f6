/** The configuration file of a running program: loaded at the start, and again whenever somebody asks for it. */

import { setTimeout as sleep } from "node:timers/promises";
import { stampOf } from "../file-reading/file-reading.ts";
import type { Configuration } from "./configuration.ts";
import type { ConfigurationError } from "./configuration-error.ts";
import { type Document, readDocument, rereadDocument } from "./document.ts";
import { placeFindings } from "./findings.ts";
import { type FlagValues, overlayFlags } from "./flags.ts";
import { vanished } from "./kept-keys.ts";
import { configure } from "./load.ts";
import type { Places } from "./places.ts";

/** Milliseconds for which nothing was written to a file that is taken over. */
const QUIET_MS = 200;

/** Looks at a file that is being written, each after such a time. */
const LOOKS = 10;

export class ConfigurationFile {
  readonly #path: string | undefined;
  readonly #flags: FlagValues;
  readonly #environment: Places["environment"];
  /** What holds now. */
  #document: Document | undefined;

  /** Without a path there are only the flags. */
  constructor(path: string | undefined, flags: FlagValues, environment: Places["environment"]) {
    this.#path = path;
    this.#flags = flags;
    this.#environment = environment;
  }

  /** For the start. A pipe is read to its end. */
  load(): Configuration | ConfigurationError[] {
    if (this.#path === undefined) return this.#take(undefined);
    const document = readDocument(this.#path);
    return isErrors(document) ? document : this.#take(document);
  }

  /**
   * For the running program: errors as well when the file does not look as if it were whole. It may be one that somebody writes
   * just now, or that was cut; what is loaded then stays, and is what the next reload is compared with.
   */
  async reload(): Promise<Configuration | ConfigurationError[]> {
    if (this.#path === undefined) return this.#take(undefined);
    if (!(await becomesQuiet(this.#path))) return [beingWritten(this.#path)];
    const document = await rereadDocument(this.#path);
    if (document === "changing") return [beingWritten(this.#path)];
    if (isErrors(document)) return document;
    const before = this.#document;
    if (document.unended && before && !before.unended && !saysNothing(document)) return [cut(document)];
    const { value, flagAt } = overlayFlags(document.value, this.#flags);
    const loaded = overlayFlags(before?.value ?? {}, this.#flags);
    const gone = placeFindings(vanished(loaded.value, value), value, document, flagAt);
    return gone.length > 0 ? gone : this.#take(document);
  }

  #take(document: Document | undefined): Configuration | ConfigurationError[] {
    const result = configure(document, this.#flags, this.#environment);
    if (!isErrors(result)) this.#document = document;
    return result;
  }
}

/** Whether writing to it comes to an end. What cannot be looked at is for the reader to complain of. */
async function becomesQuiet(path: string): Promise<boolean> {
  const now = Date.now();
  let seen = (await stampOf(path)).writtenMs;
  if (now - seen >= QUIET_MS) return true;
  for (let look = 0; look < LOOKS; look++) {
    await sleep(QUIET_MS);
    const { writtenMs } = await stampOf(path);
    // Compared with each other and not with the clock: one that was set back makes files of the future.
    if (writtenMs === seen) return true;
    seen = writtenMs;
  }
  return false;
}

/** Of an empty file there is more to say than that its last line has no end. */
function saysNothing({ value }: Document): boolean {
  return typeof value === "object" && value !== null && Object.keys(value).length === 0;
}

function beingWritten(file: string): ConfigurationError {
  return {
    file,
    position: undefined,
    subject: undefined,
    found: "still being written",
    expected: "a file that is whole",
  };
}

function cut({ file, unended }: Document): ConfigurationError {
  return {
    file,
    position: unended,
    subject: undefined,
    found: "the file ends within a line",
    expected: "a line feed at its end, as in the file that is loaded",
  };
}

function isErrors<T>(result: T | ConfigurationError[]): result is ConfigurationError[] {
  return Array.isArray(result);
}
