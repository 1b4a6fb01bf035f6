/** The state file, and when it is written. */

import { validate as validateCron } from "node-cron";
import { key, optional, section } from "../keys.ts";
import { path, text } from "../value-schemas.ts";

const cron = text('a cron expression of five or six fields, such as "*/15 * * * * *"', (value) =>
  isCron(value) ? value : undefined,
);

function isCron(value: string): boolean {
  try {
    return validateCron(value);
  } catch {
    return false;
  }
}

export const state = section("The state file.", {
  file: optional(path, {
    description: "File that carries the counters over a restart; `none` keeps nothing.",
    origin: "state.json in the state directory",
    relativeTo: "in the state directory",
  }),
  checkpoint: key(cron, {
    description:
      "Schedule on which the counters are read and saved; each scrape, and each sample for the page, does so too.",
    standard: "*/15 * * * * *",
    origin:
      "every 15 seconds: when the program is killed, what a member carried since the last save is lost if it is gone by the next start",
  }),
});
