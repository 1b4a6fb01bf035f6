/** Messages of the generic netlink family "team": the options of a team and of its ports (linux/if_team.h, drivers/net/team/team.c). */

import { GENL_HEADER_SIZE, genericRequest } from "./generic-netlink.ts";
import {
  attributeBytes,
  attributeOfU32,
  attributeText,
  attributeU32,
  eachAttribute,
  type Frame,
  indexAttributes,
  type Message,
  payloadEnd,
  payloadStart,
} from "./netlink-wire.ts";

export const TEAM_FAMILY = "team";
/** The multicast group that hears of every change of an option or a port; it asks for no privilege. */
export const TEAM_CHANGES = "change_event";

/** CAP_NET_ADMIN is asked for this one. */
const TEAM_CMD_OPTIONS_GET = 2;
const TEAM_ATTR = { TEAM_IFINDEX: 1, LIST_OPTION: 2 } as const;
const TEAM_ATTR_OPTION = { NAME: 1, DATA: 4, REMOVED: 5, PORT_IFINDEX: 6 } as const;

export interface TeamOptions {
  /** ifindex of the team. */
  readonly team: number;
  readonly options: readonly TeamOption[];
}

export interface TeamOption {
  readonly name: string;
  /** ifindex of the port whose option it is; undefined for one of the team. */
  readonly port: number | undefined;
  /** As text, as a number, and as a flag, whose value is that it has data: the name of an option says which it is. */
  readonly text: string | undefined;
  readonly number: number | undefined;
  readonly flag: boolean;
}

export function optionsRequest(family: number, team: number): Frame {
  return genericRequest(family, TEAM_CMD_OPTIONS_GET, 0, attributeOfU32(TEAM_ATTR.TEAM_IFINDEX, team));
}

const message = new Uint32Array(TEAM_ATTR.LIST_OPTION + 1);
const option = new Uint32Array(TEAM_ATTR_OPTION.PORT_IFINDEX + 1);

/** Undefined when the message is of another family, or tells of no options. */
export function parseTeamOptions(family: number, frame: Frame, { type, start, end }: Message): TeamOptions | undefined {
  if (type !== family) return undefined;
  indexAttributes(frame, start + GENL_HEADER_SIZE, end, message);
  const team = attributeU32(frame, message, TEAM_ATTR.TEAM_IFINDEX);
  const list = message[TEAM_ATTR.LIST_OPTION];
  if (team === undefined || !list) return undefined;
  const options: TeamOption[] = [];
  eachAttribute(frame, payloadStart(list), payloadEnd(frame, list), (_, at) => {
    indexAttributes(frame, payloadStart(at), payloadEnd(frame, at), option);
    const name = attributeText(frame, option, TEAM_ATTR_OPTION.NAME);
    if (name === undefined || attributeBytes(frame, option, TEAM_ATTR_OPTION.REMOVED) !== undefined) return;
    options.push({
      name,
      port: attributeU32(frame, option, TEAM_ATTR_OPTION.PORT_IFINDEX),
      text: attributeText(frame, option, TEAM_ATTR_OPTION.DATA),
      number: attributeU32(frame, option, TEAM_ATTR_OPTION.DATA),
      flag: attributeBytes(frame, option, TEAM_ATTR_OPTION.DATA) !== undefined,
    });
  });
  return { team, options };
}
