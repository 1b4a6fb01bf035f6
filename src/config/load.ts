/** From a file, the flags and the environment to the one configuration that holds, or to everything that is wrong with them. */

import { homedir } from "node:os";
import type { Configuration } from "./configuration.ts";
import { configurationOf } from "./configuration-builder.ts";
import type { ConfigurationError } from "./configuration-error.ts";
import { inconsistencies } from "./consistency.ts";
import { type Document, readDocument } from "./document.ts";
import { findingsOf, placeFindings } from "./findings.ts";
import { type FlagValues, overlayFlags } from "./flags.ts";
import { keysAt } from "./key-tree.ts";
import type { Places } from "./places.ts";
import { pathsNamedTwice, tooLongPaths } from "./rules/listen-rules.ts";
import { schema } from "./schema.ts";

/** What the daemon is started with. `reload` reads the same file under the same flags again. */
export interface ServeOptions {
  readonly configuration: Configuration;
  readonly reload: () => Promise<Configuration | ConfigurationError[]>;
  /** Ends the process at once: for when everything is done and a thread of it still waits. */
  readonly kill: () => void;
}

/** The configuration of `file` (none: all defaults) under `flags`; the errors otherwise, at least one, in the file's order. */
export function loadConfiguration(
  file: string | undefined,
  flags: FlagValues = new Map(),
  environment: Places["environment"] = process.env,
): Configuration | ConfigurationError[] {
  if (file === undefined) return configure(undefined, flags, environment);
  const document = readDocument(file);
  return Array.isArray(document) ? document : configure(document, flags, environment);
}

/** As {@link loadConfiguration}, of a file that has been parsed. */
export function configure(
  document: Document | undefined,
  flags: FlagValues,
  environment: Places["environment"],
): Configuration | ConfigurationError[] {
  const { value, flagAt } = overlayFlags(document?.value ?? {}, flags);
  const result = schema.safeParse(value);
  const findings = result.success ? inconsistencies(result.data) : findingsOf(result.error.issues, value, keysAt);
  if (!result.success || findings.length > 0) return inOrder(placeFindings(findings, value, document, flagAt));
  const { HOME } = environment;
  const configuration = configurationOf(result.data, document?.file, (path) => flagAt(path) !== undefined, {
    environment,
    home: HOME || homedir(),
  });
  const wrongPaths = [...tooLongPaths(configuration), ...pathsNamedTwice(configuration)];
  return wrongPaths.length > 0 ? inOrder(placeFindings(wrongPaths, value, document, flagAt)) : configuration;
}

function inOrder(errors: readonly ConfigurationError[]): ConfigurationError[] {
  const line = ({ position }: ConfigurationError) => position?.line ?? 0;
  const column = ({ position }: ConfigurationError) => position?.column ?? 0;
  return errors.toSorted((a, b) => line(a) - line(b) || column(a) - column(b));
}
