/**
 * The file's format: its sections, each of which has its keys in a file of its own below sections/, with what each means and what
 * holds when it is left out. Rules that concern several keys at once are in consistency.ts.
 */

import type * as z from "zod";
import { SOURCE_CHOICES } from "./choices.ts";
import { key, object } from "./keys.ts";
import { control } from "./sections/control.ts";
import { detection } from "./sections/detection.ts";
import { discovery } from "./sections/discovery.ts";
import { group } from "./sections/group.ts";
import { log } from "./sections/log.ts";
import { path } from "./sections/path.ts";
import { acceptedFate } from "./sections/shared-fate.ts";
import { snmp } from "./sections/snmp.ts";
import { source } from "./sections/source.ts";
import { state } from "./sections/state.ts";
import { web } from "./sections/web.ts";
import { choice, list } from "./value-schemas.ts";

export const schema = object({
  groups: key(list(group, "groups"), {
    description: "Groups of links that you name yourself.",
    standard: [],
    origin: "groups are then discovered, or made of the links with a default route",
  }),
  sources: key(list(source, "sources"), {
    description: "Other systems whose links are watched. The host's own links need no entry.",
    standard: [],
    origin: "this host alone",
  }),
  shared_fate: key(list(acceptedFate, "objects with kind and reason"), {
    description: "What members of a group share by design, so that nobody is warned of it.",
    standard: [],
    origin: "every shared fate is worth a warning",
  }),
  discovery,
  detection,
  web,
  snmp,
  state,
  control,
  log,
  path,
  source: key(choice(SOURCE_CHOICES), {
    description: "Where link counters are read from; `auto` takes the best source that works.",
    standard: "auto",
    origin: "ours: the best that works here",
  }),
});

/** The file as it was written and checked, with its defaults: values are parsed, keys are spelt as the program spells them. */
export type Settings = z.output<typeof schema>;
