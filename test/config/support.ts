/** Configurations from text, and what is said of them. */

import type { Configuration } from "#src/config/configuration.js";
import { formatConfigurationError } from "#src/config/configuration-error.js";
import { parseText } from "#src/config/document.js";
import type { FlagValues } from "#src/config/flags.js";
import { configure } from "#src/config/load.js";

/** An environment of which nothing comes from the machine that runs the test. */
export const ENVIRONMENT = { HOME: "/home/operator" };

/** The messages about a file `c.yml` with this text; none when it is right. */
export function messages(text: string, flags: FlagValues = new Map()): string[] {
  const document = parseText("c.yml", text);
  const result = Array.isArray(document) ? document : configure(document, flags, ENVIRONMENT);
  return Array.isArray(result) ? result.map(formatConfigurationError) : [];
}

/** The configuration of a right file. */
export function configuration(
  text: string,
  flags: FlagValues = new Map(),
  environment: Readonly<Record<string, string>> = ENVIRONMENT,
): Configuration {
  const document = parseText("/etc/ipmp/c.yml", text);
  const result = Array.isArray(document) ? document : configure(document, flags, environment);
  if (Array.isArray(result)) throw new Error(result.map(formatConfigurationError).join("\n"));
  return result;
}
