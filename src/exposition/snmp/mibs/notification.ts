/** Notifications: what there is to tell of a snapshot, and the PDUs that tell it (RFC 3416 section 4.2.6, RFC 3584 section 3). */

import { TAG } from "../protocol/ber-reader.ts";
import { BerWriter } from "../protocol/ber-writer.ts";
import { type Oid, oid } from "../protocol/oid.ts";
import { wrapPdu } from "../protocol/pdu.ts";
import type { TypedValue } from "../protocol/syntax.ts";
import { fullAccess } from "../view/agent-tree.ts";
import { type MibView, write } from "../view/mib-view.ts";
import { OPER_STATUS } from "./interface-rows.ts";
import { NOTIFICATION } from "./ipmp-exporter-mib.ts";
import type { MibContext } from "./mib-context.ts";

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
export function subjects(context: MibContext): Map<string, Subject> {
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
      found.set(`member ${ifindex} ${link.id.ifindex}`, {
        state: memberState,
        notification: {
          oid: [...enterprise, ...NOTIFICATION.memberStateChange],
          // ipmpGroupName, then ipmpMemberDevice, ipmpMemberState, ipmpMemberFlags
          objects: [group(2, ifindex), ...[2, 3, 4].map((column) => member(column, ifindex, link.id.ifindex))],
        },
      });
    }
  }
  return found;
}

const SYS_UP_TIME = oid("1.3.6.1.2.1.1.3.0");
const SNMP_TRAP_OID = oid("1.3.6.1.6.3.1.1.4.1.0");

/** Leaves the trap or inform of version 2 in the writer. */
export function writeNotification(
  ber: BerWriter,
  type: number,
  requestId: number,
  { oid, objects }: Notification,
  mibView: MibView,
) {
  ber.clear();
  appendVarbind(ber, SYS_UP_TIME, { syntax: "TimeTicks", value: upTime(mibView) });
  appendVarbind(ber, SNMP_TRAP_OID, { syntax: "ObjectIdentifier", value: oid });
  appendObjects(ber, objects, mibView);
  wrapPdu(ber, type, requestId, 0, 0);
}

/** enterpriseSpecific of RFC 1157's generic-trap. */
const ENTERPRISE_SPECIFIC = 6;

/** Leaves the trap of version 1 in the writer, as RFC 3584 section 3.2 translates it. */
export function writeTrapV1(
  ber: BerWriter,
  { oid, objects }: Notification,
  mibView: MibView,
  agentAddress: Uint8Array,
) {
  const last = oid.at(-1) ?? 0;
  const generic = oid.length === SNMP_TRAPS.length + 1 && SNMP_TRAPS.every((part, i) => oid[i] === part);
  ber.clear();
  appendObjects(ber, objects, mibView);
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
function appendObjects(ber: BerWriter, objects: readonly Oid[], mibView: MibView): void {
  const access = fullAccess(mibView.tree);
  for (const name of objects) {
    const position = mibView.find(name, access);
    if (position < 0) continue;
    const offset = mibView.encode(position);
    ber.append(mibView.arena, offset, offset + mibView.length);
  }
}

function appendVarbind(ber: BerWriter, name: Oid, value: TypedValue): void {
  const one = new BerWriter(1024);
  write(one, value);
  one.objectIdentifier(name);
  // The value stands before the writer's back, so the whole is one element.
  one.wrap(TAG.sequence);
  ber.append(one.bytes, one.front, one.back);
}
