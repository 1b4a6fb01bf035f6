/** Keys that belong to the format and that this version cannot honour. Saying so is better than ignoring them. */

import type { KeyPath } from "./configuration-error.ts";
import type { Finding } from "./findings.ts";
import type { Settings } from "./schema.ts";

interface Row {
  readonly key: KeyPath;
  /** Whether the settings ask for it. */
  asked(settings: Settings): boolean;
  readonly expected: string;
}

/** A row goes when its feature comes. */
const NOT_YET: readonly Row[] = [
  {
    key: ["detection", "probes", "enabled"],
    asked: ({ detection }) => detection?.probes?.enabled === true,
    expected: "false: members are judged by their links",
  },
  {
    key: ["source"],
    asked: ({ source }) => source === "illumos",
    expected: "auto, netlink or procfs",
  },
];

/** What the settings ask for in vain. */
export function notYet(settings: Settings): Finding[] {
  return NOT_YET.filter(({ asked }) => asked(settings)).map(({ key, expected }) => ({
    path: key,
    found: "not available in this version",
    expected,
  }));
}
