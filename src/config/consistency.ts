/** Rules that concern several keys at once; each says what is wrong at which key. */

import type { Finding } from "./findings.ts";
import { GROUP_RULES } from "./rules/group-rules.ts";
import { LISTEN_RULES } from "./rules/listen-rules.ts";
import { SNMP_RULES } from "./rules/snmp-rules.ts";
import { SOURCE_RULES } from "./rules/source-rules.ts";
import type { Settings } from "./schema.ts";

const RULES = [...GROUP_RULES, ...LISTEN_RULES, ...SNMP_RULES, ...SOURCE_RULES];

/** Everything wrong between keys that are right by themselves. */
export function inconsistencies(settings: Settings): Finding[] {
  return RULES.flatMap((rule) => rule(settings));
}
