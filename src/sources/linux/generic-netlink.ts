/** Generic netlink: families that the kernel numbers as they are loaded, found by their names (linux/genetlink.h). */

import {
  attributeOf,
  attributeText,
  attributeU16,
  attributeU32,
  eachAttribute,
  type Frame,
  indexAttributes,
  type Message,
  payloadEnd,
  payloadStart,
  request,
} from "./netlink-wire.ts";
import { NLM_F } from "./rtnetlink.ts";

/** The family that tells of the others (GENL_ID_CTRL). */
const CONTROLLER = 16;
const CTRL_CMD_GETFAMILY = 3;
const CTRL_ATTR = { FAMILY_ID: 1, FAMILY_NAME: 2, MCAST_GROUPS: 7 } as const;
const CTRL_ATTR_MCAST_GRP = { NAME: 1, ID: 2 } as const;

/** struct genlmsghdr: command, version, and 16 bits that are reserved. */
export const GENL_HEADER_SIZE = 4;

export interface GenericFamily {
  readonly id: number;
  /** Multicast groups by name. */
  readonly groups: ReadonlyMap<string, number>;
}

/** A request to a family, with one attribute. */
export function genericRequest(family: number, command: number, flags: number, attribute: Uint8Array): Frame {
  const header = new Uint8Array(GENL_HEADER_SIZE);
  header.set([command, 1]); // version 1 of every family that we speak to
  return request(family, NLM_F.REQUEST | flags, header, attribute);
}

/** The answer is one message; the acknowledgement behind it ends it like a list. */
export function familyRequest(name: string): Frame {
  const value = new TextEncoder().encode(`${name}\0`);
  return genericRequest(CONTROLLER, CTRL_CMD_GETFAMILY, NLM_F.ACK, attributeOf(CTRL_ATTR.FAMILY_NAME, value));
}

const family = new Uint32Array(CTRL_ATTR.MCAST_GROUPS + 1);
const group = new Uint32Array(CTRL_ATTR_MCAST_GRP.ID + 1);

/** Undefined when the message is no answer to {@link familyRequest}. */
export function parseFamily(frame: Frame, { type, start, end }: Message): GenericFamily | undefined {
  if (type !== CONTROLLER) return undefined;
  indexAttributes(frame, start + GENL_HEADER_SIZE, end, family);
  const id = attributeU16(frame, family, CTRL_ATTR.FAMILY_ID);
  if (id === undefined) return undefined;
  const groups = new Map<string, number>();
  const list = family[CTRL_ATTR.MCAST_GROUPS];
  if (list) {
    eachAttribute(frame, payloadStart(list), payloadEnd(frame, list), (_, at) => {
      indexAttributes(frame, payloadStart(at), payloadEnd(frame, at), group);
      const name = attributeText(frame, group, CTRL_ATTR_MCAST_GRP.NAME);
      const number = attributeU32(frame, group, CTRL_ATTR_MCAST_GRP.ID);
      if (name !== undefined && number !== undefined) groups.set(name, number);
    });
  }
  return { id, groups };
}
