/** The configuration that holds when nothing is configured. */

import type { Configuration } from "#src/config/configuration.js";
import { loadConfiguration } from "#src/config/load.js";

export function defaultConfiguration(): Configuration {
  const configuration = loadConfiguration(undefined, new Map(), {});
  if (!("groups" in configuration)) throw new Error("the defaults are not a configuration");
  return configuration;
}
