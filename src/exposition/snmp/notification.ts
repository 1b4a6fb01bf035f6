/** Notifications: what there is to tell of a snapshot, and the PDUs that tell it (RFC 3416 section 4.2.6, RFC 3584 section 3). */

import { TAG } from "./ber.ts";
import type { Context } from "./context.ts";
import { Frame } from "./frame.ts";
import { OPER_STATUS } from "./interfaces.ts";
import { NOTIFICATION } from "./ipmp-exporter-mib.ts";
import { type Oid, oid } from "./oid.ts";
import { wrapPdu } from "./pdu.ts";
import { type Store, write } from "./store.ts";
import type { TypedValue } from "./syntax.ts";
import { fullSight } from "./tree.ts";

export interface Notification {
  /** snmpTrapOID. */
  readonly oid: Oid;
  /** Instances whose values it carries. */
  readonly objects: readonly Oid[];
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

const IF_ENTRY = oid("1.3.6.1.2.1.2.2.1");
/** ifIndex, ifAdminStatus, ifOperStatus (RFC 2863). */
const LINK_COLUMNS = [1, 7, 8];

/** lowerLayerDown is a refinement of down (RFC 2863 section 3.1.14). */
const DOWN: ReadonlySet<number> = new Set([OPER_STATUS.down, OPER_STATUS.lowerLayerDown]);

/** Something of which changes are told: its state now, and what tells of it. */
export interface Subject {
  readonly state: string;
  readonly notification: Notification;
}

/** Everything of which changes are told, by a key that lasts as long as the thing. */
export function subjects(context: Context): Map<string, Subject> {
  const { enterprise } = context.facts;
  const found = new Map<string, Subject>();
  for (const { ifindex, operStatus } of context.interfaces) {
    const down = DOWN.has(operStatus);
    found.set(`interface ${ifindex}`, {
      state: down ? "down" : "up",
      notification: {
        oid: [...SNMP_TRAPS, down ? LINK_DOWN : LINK_UP],
        objects: LINK_COLUMNS.map((column) => [...IF_ENTRY, column, ifindex]),
      },
    });
  }
  const group = (column: number, ifindex: number) => [...enterprise, 1, 1, 1, column, ifindex];
  const member = (column: number, over: number, ifindex: number) => [...enterprise, 1, 2, 1, column, over, ifindex];
  for (const { ifindex, state, members } of context.snapshot.groups) {
    found.set(`group ${ifindex}`, {
      state,
      notification: {
        oid: [...enterprise, ...NOTIFICATION.groupStateChange],
        // ipmpGroupName, ipmpGroupState, ipmpGroupMembersActive
        objects: [2, 6, 9].map((column) => group(column, ifindex)),
      },
    });
    for (const { link, state: memberState } of members) {
      found.set(`member ${ifindex} ${link.ifindex}`, {
        state: memberState,
        notification: {
          oid: [...enterprise, ...NOTIFICATION.memberStateChange],
          // ipmpGroupName, then ipmpMemberDevice, ipmpMemberState, ipmpMemberFlags
          objects: [group(2, ifindex), ...[2, 3, 4].map((column) => member(column, ifindex, link.ifindex))],
        },
      });
    }
  }
  return found;
}

const SYS_UP_TIME = oid("1.3.6.1.2.1.1.3.0");
const SNMP_TRAP_OID = oid("1.3.6.1.6.3.1.1.4.1.0");

/** Leaves the trap or inform of version 2 in the frame. */
export function writeNotification(
  frame: Frame,
  type: number,
  requestId: number,
  { oid, objects }: Notification,
  store: Store,
) {
  frame.clear();
  appendVarbind(frame, SYS_UP_TIME, { syntax: "TimeTicks", value: upTime(store) });
  appendVarbind(frame, SNMP_TRAP_OID, { syntax: "ObjectIdentifier", value: oid });
  appendObjects(frame, objects, store);
  wrapPdu(frame, type, requestId, 0, 0);
}

/** enterpriseSpecific of RFC 1157's generic-trap. */
const ENTERPRISE_SPECIFIC = 6;

/** Leaves the trap of version 1 in the frame, as RFC 3584 section 3.2 translates it. */
export function writeTrapV1(frame: Frame, { oid, objects }: Notification, store: Store, agentAddress: Uint8Array) {
  const last = oid.at(-1) ?? 0;
  const generic = oid.length === SNMP_TRAPS.length + 1 && SNMP_TRAPS.every((part, i) => oid[i] === part);
  frame.clear();
  appendObjects(frame, objects, store);
  frame.wrap(TAG.sequence);
  frame.unsigned(TAG.timeTicks, upTime(store));
  frame.integer(generic ? 0 : last);
  frame.integer(generic ? last - 1 : ENTERPRISE_SPECIFIC);
  frame.octetString(agentAddress, TAG.ipAddress);
  // A zero before the last part stands for the conversion and is left out.
  frame.objectIdentifier(generic ? SNMP_TRAPS : oid.slice(0, oid.at(-2) === 0 ? -2 : -1));
  frame.wrap(TAG.trapV1);
}

function upTime(store: Store): number {
  return store.context.ticks(store.context.snapshot.at);
}

/** An instance that is gone meanwhile is left out: what is left still says what happened. */
function appendObjects(frame: Frame, objects: readonly Oid[], store: Store): void {
  const sight = fullSight(store.tree);
  for (const name of objects) {
    const position = store.find(name, sight);
    if (position < 0) continue;
    const offset = store.encode(position);
    frame.append(store.arena, offset, offset + store.length);
  }
}

function appendVarbind(frame: Frame, name: Oid, value: TypedValue): void {
  const one = new Frame(1024);
  write(one, value);
  one.objectIdentifier(name);
  // The value stands before the frame's back, so the whole is one element.
  one.wrap(TAG.sequence);
  frame.append(one.bytes, one.front, one.back);
}
