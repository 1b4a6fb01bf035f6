/** The log: what is in it, and how a line looks. */

import { LOG_LEVELS } from "../../log/log.ts";
import { LOG_FORMATS } from "../choices.ts";
import { key, section } from "../keys.ts";
import { choice } from "../value-schemas.ts";

export const log = section("The log, on standard error.", {
  level: key(choice(LOG_LEVELS), {
    description: "Lowest severity that is logged.",
    standard: "info",
    origin: "promslog, as in all Prometheus exporters",
  }),
  format: key(choice(LOG_FORMATS), {
    description: "Format of a log line.",
    standard: "logfmt",
    origin: "promslog, as in all Prometheus exporters",
  }),
});
