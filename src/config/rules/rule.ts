/** A rule that concerns several keys at once. */

import type { Finding } from "../findings.ts";
import type { Settings } from "../schema.ts";

/** What is wrong between keys that are right by themselves. */
export type Rule = (settings: Settings) => Finding[];
