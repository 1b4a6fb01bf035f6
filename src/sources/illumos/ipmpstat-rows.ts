/** The modes of ipmpstat(8): the fields that are asked for, and what each may say (ipmpstat.c). */

import type { IpFamily } from "../../net-address/ip-address.ts";
import { parseRows, type Row } from "./fields.ts";

export const MODES = {
  groups: { flags: "-gP", fields: ["GROUP", "GROUPNAME", "STATE", "FDT", "INTERFACES"] },
  interfaces: { flags: "-iP", fields: ["INTERFACE", "ACTIVE", "GROUP", "FLAGS", "LINK", "PROBE", "STATE"] },
  addresses: { flags: "-anP", fields: ["ADDRESS", "STATE", "GROUP", "INBOUND", "OUTBOUND"] },
  targets: { flags: "-tnP", fields: ["INTERFACE", "MODE", "TESTADDR", "TARGETS"] },
} as const;
export type Mode = keyof typeof MODES;
export type Field<M extends Mode> = (typeof MODES)[M]["fields"][number];
export type ModeRow<M extends Mode> = Row<Field<M>>;

/** What a field may hold, for each that has a form; the others hold names and addresses. */
const FORMS: Readonly<Record<string, RegExp>> = {
  "groups STATE": /^(ok|degraded|failed)$/,
  "groups FDT": /^(\d+\.\d\ds)?$/,
  "interfaces ACTIVE": /^(yes|no)$/,
  "interfaces FLAGS": /^[i-][s-][m-][b-][M-][d-][h-]$/,
  "interfaces LINK": /^(up|down|unknown)$/,
  "interfaces PROBE": /^(ok|failed|unknown|disabled)$/,
  "interfaces STATE": /^(ok|failed|unknown|offline)$/,
  "addresses STATE": /^(up|down)$/,
  "targets MODE": /^(routes|multicast|disabled)$/,
};

export type ModeRows<M extends Mode> =
  | { readonly kind: "rows"; readonly rows: readonly ModeRow<M>[] }
  /** What was found in place of what ipmpstat prints. */
  | { readonly kind: "unlike"; readonly line: string };

/** The rows of one mode. A field that is not what ipmpstat prints spoils the whole: it may be another language, or another program. */
export function parseMode<M extends Mode>(mode: M, text: string): ModeRows<M> {
  const parsed = parseRows(text, fieldsOf(mode));
  if (parsed.kind === "unlike") return parsed;
  for (const row of parsed.rows) {
    for (const field of fieldsOf(mode)) {
      const value: string | undefined = row[field];
      const form = FORMS[`${mode} ${field}`];
      if (value !== undefined && form && !form.test(value)) return { kind: "unlike", line: `${field} ${value}` };
    }
  }
  return parsed;
}

export function fieldsOf<M extends Mode>(mode: M): readonly Field<M>[] {
  return MODES[mode].fields;
}

/** `20.00s` in milliseconds; undefined where it is empty. */
export function millisecondsOf(detectionTime: string | undefined): number | undefined {
  return detectionTime === undefined || detectionTime === ""
    ? undefined
    : Math.round(Number.parseFloat(detectionTime) * 1000);
}

/** The names in INTERFACES of a group: active ones bare, those in reserve in parentheses, those that cannot be used in brackets. */
export interface InterfaceLists {
  readonly active: readonly string[];
  readonly inactive: readonly string[];
  readonly unusable: readonly string[];
}

/** Characters that a value has at most: ipmpstat cuts what is longer, in the middle of a name. */
const VALUE_MAX = 1023;

/** `net2 net5 (net7) [net6]`. The end of the value closes what is open; the last name of a value that was cut is left out. */
export function parseInterfaces(value: string): InterfaceLists {
  const lists: Record<keyof InterfaceLists, string[]> = { active: [], inactive: [], unusable: [] };
  let into: keyof InterfaceLists = "active";
  const words = value.split(" ").filter((word) => word !== "");
  if (value.length >= VALUE_MAX && !/[\])]$/.test(value)) words.pop();
  for (const word of words) {
    if (word.startsWith("(")) into = "inactive";
    if (word.startsWith("[")) into = "unusable";
    const name = word.replaceAll(/^[([]|[)\]]$/g, "");
    if (name !== "") lists[into].push(name);
    if (/[)\]]$/.test(word)) into = "active";
  }
  return lists;
}

/** Names or addresses with a space between; the last one of a value that was cut is left out. */
export function parseNames(value: string): readonly string[] {
  const names = value.split(" ").filter((name) => name !== "");
  return value.length >= VALUE_MAX ? names.slice(0, -1) : names;
}

export function familyOf(address: string): IpFamily {
  return address.includes(":") ? "ipv6" : "ipv4";
}
