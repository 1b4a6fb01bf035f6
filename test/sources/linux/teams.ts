/** Messages of the generic netlink controller and of the family "team", encoded as genetlink.c and team.c fill them in. */

import { attribute, concat, message, text, words } from "./fixtures.ts";

/** The number that this kernel gave to the family, and to its group of changes. */
export const TEAM_FAMILY_ID = 28;
export const CHANGES_GROUP = 9;
/** The controller's, which is also the number of RTM_NEWLINK. */
export const CONTROLLER = 16;

const GENERIC_HEADER = words(1 | (1 << 8));
const u16 = (type: number, value: number) => attribute(type, new Uint8Array(Uint16Array.of(value).buffer));
const u32 = (type: number, value: number) => attribute(type, words(value));

/** CTRL_CMD_NEWFAMILY. */
export function teamFamily(): Uint8Array {
  const group = attribute(1, concat(attribute(1, text("change_event")), u32(2, CHANGES_GROUP)));
  const parts = [attribute(2, text("team")), u16(1, TEAM_FAMILY_ID), attribute(7, group)];
  return message(CONTROLLER, concat(GENERIC_HEADER, ...parts));
}

/** Options of a team, or, with the ifindex of a port, of that port. */
export interface Option {
  readonly name: string;
  readonly value: string | number | boolean;
  readonly port?: number;
}

/** TEAM_CMD_OPTIONS_GET's answer, which is also what is told of a change. */
export function teamOptions(team: number, ...options: readonly Option[]): Uint8Array {
  const items = options.map(({ name, value, port }) =>
    attribute(1, concat(attribute(1, text(name)), ...dataOf(value), ...(port === undefined ? [] : [u32(6, port)]))),
  );
  return message(TEAM_FAMILY_ID, concat(GENERIC_HEADER, u32(1, team), attribute(2, concat(...items))));
}

/** A flag is there or not. */
function dataOf(value: Option["value"]): Uint8Array[] {
  if (typeof value === "boolean") return value ? [attribute(4, new Uint8Array(0))] : [];
  return [typeof value === "number" ? u32(4, value) : attribute(4, text(value))];
}
