/** Notifications: what there is to tell of a snapshot, and the PDUs that tell it (RFC 3416 section 4.2.6, RFC 3584 section 3). */

import { LOCAL } from "../../../link/link-id.ts";
import type { Transition } from "../../../snapshot/event.ts";
import type { MemberSnapshot } from "../../../snapshot/snapshot.ts";
import { TAG } from "../protocol/ber-reader.ts";
import { utf8 } from "../../utf8.ts";
import { BerWriter } from "../protocol/ber-writer.ts";
import { type Oid, oid } from "../protocol/oid.ts";
import { wrapPdu } from "../protocol/pdu.ts";
import type { TypedValue } from "../protocol/syntax.ts";
import { fullAccess } from "../view/agent-tree.ts";
import { type MibView, write } from "../view/mib-view.ts";
import {
  NOTIFICATION,
  NOTIFICATION_CAUSE,
  NOTIFICATION_CHANGES,
  NOTIFICATION_GROUP_NAME,
  NOTIFICATION_MEMBER,
  NOTIFICATION_MEMBER_STATE,
  LEFT,
  ROLE,
} from "./ipmp-exporter-mib.ts";
import { OPER_STATUS } from "./interface-rows.ts";
import { localLinks } from "./local-rows.ts";

export interface Notification {
  /** snmpTrapOID. */
  readonly oid: Oid;
  /** Instances whose values it carries. */
  readonly objects: readonly Oid[];
  /** Values of objects that stand in no table (MAX-ACCESS accessible-for-notify), behind the others. */
  readonly values?: readonly { readonly name: Oid; readonly value: TypedValue }[];
}

/** snmpTraps of SNMPv2-MIB and IF-MIB. */
const SNMP_TRAPS = oid("1.3.6.1.6.3.1.1.5");
const COLD_START = 1;
const LINK_DOWN = 3;
const LINK_UP = 4;
const AUTHENTICATION_FAILURE = 5;

export const COLD_START_NOTIFICATION: Notification = { oid: [...SNMP_TRAPS, COLD_START], objects: [] };
export const AUTHENTICATION_FAILURE_NOTIFICATION: Notification = {
  oid: [...SNMP_TRAPS, AUTHENTICATION_FAILURE],
  objects: [],
};

/** The objects that notifications carry (OBJECTS of their NOTIFICATION-TYPE in IF-MIB and IPMP-EXPORTER-MIB), by whose row they are of. */
const OBJECTS = {
  ofLink: ["ifIndex", "ifAdminStatus", "ifOperStatus"],
  ofGroup: ["ipmpGroupName", "ipmpGroupState", "ipmpGroupMembersActive"],
  ofGroupOfMember: ["ipmpGroupName"],
  ofMember: ["ipmpMemberDevice", "ipmpMemberState", "ipmpMemberFlags"],
} as const;

/**
 * The thing whose change a transition tells of, as a key. Links and groups are known by what outlives their names; a member by the label of its
 * link, so that of a link that is made anew the leaving is not told after the joining. Undefined for a transition that no notification is for.
 */
export function subjectOf(transition: Transition): string | undefined {
  switch (transition.kind) {
    case "link-state":
      // Which link, only an ifIndex of this host can say. A member of another system is told of by its own state.
      return transition.source === LOCAL ? `link ${transition.ifindex}` : undefined;
    case "group-state":
      return `group ${transition.ifname}`;
    case "member-joined":
    case "member-left":
    case "member-state":
      return `member ${transition.device}`;
    default:
      return undefined;
  }
}

/**
 * The notification of a transition, the last of `changes` of its subject that it stands for. Undefined when the subject is a group that is gone, or
 * nobody is told of such transitions. A link that is gone, or of another system, has no row: its values stand behind the others (RFC 3416
 * section 4.2.6).
 */
export function notificationOf(
  transition: Transition,
  changes: number,
  { tree, context }: MibView,
): Notification | undefined {
  const { facts, snapshot } = context;
  const { enterprise } = facts;
  const values = [
    { name: [...enterprise, ...NOTIFICATION_CHANGES], value: { syntax: "Gauge32", value: changes } as const },
  ];
  const cause = {
    name: [...enterprise, ...NOTIFICATION_CAUSE],
    value: { syntax: "OctetString", value: displayString(transition.cause) } as const,
  };
  const instances = (names: readonly string[], ...index: Oid): Oid[] =>
    names.map((name) => [...tree.named(name), ...index]);
  switch (transition.kind) {
    case "link-state": {
      const { source, ifindex, to } = transition;
      if (source !== LOCAL) return undefined;
      const hasRow = context.interfaces.some((row) => row.ifindex === ifindex);
      const isThere = hasRow || localLinks(snapshot).some(({ id }) => id.ifindex === ifindex);
      const oid = [...SNMP_TRAPS, isThere && to === "up" ? LINK_UP : LINK_DOWN];
      if (hasRow) return { oid, objects: instances(OBJECTS.ofLink, ifindex), values };
      const integer = (name: string, value: number) => ({
        name: [...tree.named(name), ifindex],
        value: { syntax: "Integer32", value } as const,
      });
      const status = integer("ifOperStatus", OPER_STATUS[isThere ? to : "notPresent"]);
      return { oid, objects: [], values: [integer("ifIndex", ifindex), status, ...values] };
    }
    case "group-state": {
      const group = snapshot.groups.find(({ ifname }) => ifname === transition.ifname);
      if (!group) return undefined;
      const objects = instances(OBJECTS.ofGroup, group.ifindex);
      return { oid: [...enterprise, ...NOTIFICATION.groupStateChange], objects, values: [...values, cause] };
    }
    case "member-joined":
    case "member-left":
    case "member-state": {
      const { source, ifindex } = transition;
      const isMember = ({ link: { id } }: MemberSnapshot) => id.source === source && id.ifindex === ifindex;
      const joined = snapshot.groups.find(({ members }) => members.some(isMember));
      const member = joined?.members.find(isMember);
      const group = joined ?? snapshot.groups.find(({ name }) => name === transition.group);
      const oid = [...enterprise, ...NOTIFICATION.memberStateChange];
      const ofGroup = group ? instances(OBJECTS.ofGroupOfMember, group.ifindex) : [];
      if (group && member && source === LOCAL) {
        const objects = [...ofGroup, ...instances(OBJECTS.ofMember, group.ifindex, ifindex)];
        return { oid, objects, values: [...values, cause] };
      }
      const label = {
        name: [...enterprise, ...NOTIFICATION_MEMBER],
        value: { syntax: "OctetString", value: displayString(member?.label ?? transition.device) } as const,
      };
      const state = {
        name: [...enterprise, ...NOTIFICATION_MEMBER_STATE],
        value: { syntax: "Integer32", value: member ? ROLE[member.state] : LEFT } as const,
      };
      const formerGroup = {
        name: [...enterprise, ...NOTIFICATION_GROUP_NAME],
        value: { syntax: "OctetString", value: displayString(transition.group) } as const,
      };
      const said = [...values, cause, label, state];
      return { oid, objects: ofGroup, values: group ? said : [...said, formerGroup] };
    }
    default:
      return undefined;
  }
}

/** DisplayString of RFC 2579: at most 255 octets, cut between characters. */
function displayString(text: string): Uint8Array {
  const octets = utf8(text);
  let end = Math.min(octets.length, 255);
  while (((octets[end] ?? 0) & 0xc0) === 0x80) end--; // an octet that goes on with a character
  return octets.subarray(0, end);
}

const SYS_UP_TIME = oid("1.3.6.1.2.1.1.3.0");
export const SNMP_TRAP_OID = oid("1.3.6.1.6.3.1.1.4.1.0");

/** Leaves the trap or inform of version 2 in the writer. */
export function writeNotification(
  ber: BerWriter,
  type: number,
  requestId: number,
  notification: Notification,
  mibView: MibView,
) {
  ber.clear();
  appendVarbind(ber, SYS_UP_TIME, { syntax: "TimeTicks", value: upTime(mibView) });
  appendVarbind(ber, SNMP_TRAP_OID, { syntax: "ObjectIdentifier", value: notification.oid });
  appendObjects(ber, notification, mibView);
  wrapPdu(ber, type, requestId, 0, 0);
}

/** enterpriseSpecific of RFC 1157's generic-trap. */
const ENTERPRISE_SPECIFIC = 6;

/** Leaves the trap of version 1 in the writer, as RFC 3584 section 3.2 translates it. */
export function writeTrapV1(ber: BerWriter, notification: Notification, mibView: MibView, agentAddress: Uint8Array) {
  const { oid } = notification;
  const last = oid.at(-1) ?? 0;
  const generic = oid.length === SNMP_TRAPS.length + 1 && SNMP_TRAPS.every((part, i) => oid[i] === part);
  ber.clear();
  appendObjects(ber, notification, mibView);
  ber.wrap(TAG.sequence);
  ber.unsigned(TAG.timeTicks, upTime(mibView));
  ber.integer(generic ? 0 : last);
  ber.integer(generic ? last - 1 : ENTERPRISE_SPECIFIC);
  ber.octetString(agentAddress, TAG.ipAddress);
  // A zero before the last part stands for the conversion and is left out.
  ber.objectIdentifier(generic ? SNMP_TRAPS : oid.slice(0, oid.at(-2) === 0 ? -2 : -1));
  ber.wrap(TAG.trapV1);
}

function upTime(mibView: MibView): number {
  return mibView.context.ticks(mibView.context.snapshot.at);
}

/** An instance that is gone meanwhile is left out: what is left still says what happened. */
function appendObjects(ber: BerWriter, { objects, values = [] }: Notification, mibView: MibView): void {
  const access = fullAccess(mibView.tree);
  for (const name of objects) {
    const position = mibView.find(name, access);
    if (position < 0) continue;
    const offset = mibView.encode(position);
    ber.append(mibView.arena, offset, offset + mibView.length);
  }
  for (const { name, value } of values) appendVarbind(ber, name, value);
}

function appendVarbind(ber: BerWriter, name: Oid, value: TypedValue): void {
  const one = new BerWriter(1024);
  write(one, value);
  one.objectIdentifier(name);
  // The value stands before the writer's back, so the whole is one element.
  one.wrap(TAG.sequence);
  ber.append(one.bytes, one.front, one.back);
}
