/** Which parts of a configuration that was loaded again hold at once, and which wait for a restart: decided here alone. */

import type { Configuration } from "./configuration.ts";

/** What holds in a program that was started with `started` and has loaded `loaded` since: a reload applies these four parts. */
export function inForce(started: Configuration, loaded: Configuration): Configuration {
  const { groups, discovery, detection, sharedFate } = loaded;
  return { ...started, groups, discovery, detection, sharedFate };
}

/** The parts of `loaded` that are not in force and differ from those that are, by name; no secret. */
export function waitingForRestart(started: Configuration, loaded: Configuration): string[] {
  const held = inForce(started, loaded);
  const parts = Object.keys(loaded) as (keyof Configuration)[];
  return parts.filter(
    (part) => held[part] !== loaded[part] && JSON.stringify(held[part]) !== JSON.stringify(loaded[part]),
  );
}
