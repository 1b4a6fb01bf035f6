/**
 * IFLA_LINKINFO: the kind of a link, what bonding says of its masters and slaves (linux/if_link.h; bond_netlink.c), and the little that
 * is wanted of other kinds. A team says nothing but its kind: teamd keeps the rest, and talks to the kernel by generic netlink.
 */

import {
  type AggregateAttributes,
  BOND_MODES,
  type BondMonitor,
  LACP_RATES,
  MII_STATUSES,
  type PortAttributes,
  UNTOLD_PORT,
} from "../../link/aggregate.ts";
import { hex } from "./hardware-address.ts";
import {
  attributeBytes,
  attributeText,
  attributeU8,
  attributeU16,
  attributeU32,
  type Frame,
  indexAttributes,
  payloadEnd,
  payloadStart,
} from "./netlink-wire.ts";
import {
  IFLA_BOND,
  IFLA_BOND_AD_INFO,
  IFLA_BOND_SLAVE,
  IFLA_INFO,
  IFLA_VRF_TABLE,
  IFLA_VXLAN_LINK,
} from "./rtnetlink.ts";

export interface LinkInfo {
  readonly kind: string | undefined;
  readonly aggregate: AggregateAttributes | undefined;
  readonly port: PortAttributes | undefined;
  /** The link that a VXLAN sends through; other tunnels have it as IFLA_LINK. */
  readonly tunnelIfindex: number | undefined;
  /** The routing table of a VRF. */
  readonly vrfTable: number | undefined;
}

const info = new Uint32Array(IFLA_INFO.SLAVE_DATA + 1);
const bond = new Uint32Array(IFLA_BOND.AD_INFO + 1);
const lacp = new Uint32Array(IFLA_BOND_AD_INFO.PARTNER_MAC + 1);
const slave = new Uint32Array(IFLA_BOND_SLAVE.AD_PARTNER_OPER_PORT_STATE + 1);

const other = new Uint32Array(Math.max(IFLA_VXLAN_LINK, IFLA_VRF_TABLE) + 1);

const NONE: LinkInfo = {
  kind: undefined,
  aggregate: undefined,
  port: undefined,
  tunnelIfindex: undefined,
  vrfTable: undefined,
};

/** @param at where the attribute begins; 0 or undefined when there is none */
export function parseLinkInfo(frame: Frame, at: number | undefined): LinkInfo {
  if (!at) return NONE;
  indexAttributes(frame, payloadStart(at), payloadEnd(frame, at), info);
  const kind = attributeText(frame, info, IFLA_INFO.KIND) || undefined;
  const ofMaster = attributeText(frame, info, IFLA_INFO.SLAVE_KIND);
  return {
    kind,
    aggregate: isAggregate(kind) ? parseAggregate(frame, kind) : undefined,
    port: isAggregate(ofMaster) ? parsePort(frame, ofMaster) : undefined,
    tunnelIfindex: kind === "vxlan" ? ofOtherKind(frame, IFLA_VXLAN_LINK) : undefined,
    vrfTable: kind === "vrf" ? ofOtherKind(frame, IFLA_VRF_TABLE) : undefined,
  };
}

function ofOtherKind(frame: Frame, attribute: number): number | undefined {
  indexNested(frame, info[IFLA_INFO.DATA], other);
  return attributeU32(frame, other, attribute) || undefined;
}

function isAggregate(kind: string | undefined): kind is "bond" | "team" {
  return kind === "bond" || kind === "team";
}

function parseAggregate(frame: Frame, kind: "bond" | "team"): AggregateAttributes {
  // A team's data, should it ever have any, would be numbered otherwise.
  indexNested(frame, kind === "bond" ? info[IFLA_INFO.DATA] : 0, bond);
  indexNested(frame, bond[IFLA_BOND.AD_INFO], lacp);
  return {
    kind,
    mode: BOND_MODES[attributeU8(frame, bond, IFLA_BOND.MODE) ?? -1],
    monitor: monitorOf(attributeU32(frame, bond, IFLA_BOND.MIIMON), attributeU32(frame, bond, IFLA_BOND.ARP_INTERVAL)),
    activeIfindex: attributeU32(frame, bond, IFLA_BOND.ACTIVE_SLAVE) || undefined,
    primaryIfindex: attributeU32(frame, bond, IFLA_BOND.PRIMARY) || undefined,
    activeAggregator: attributeU16(frame, lacp, IFLA_BOND_AD_INFO.AGGREGATOR),
    actorKey: attributeU16(frame, lacp, IFLA_BOND_AD_INFO.ACTOR_KEY),
    partnerKey: attributeU16(frame, lacp, IFLA_BOND_AD_INFO.PARTNER_KEY),
    partnerLladdr: hex(attributeBytes(frame, lacp, IFLA_BOND_AD_INFO.PARTNER_MAC)) || undefined,
    lacpRate: LACP_RATES[attributeU8(frame, bond, IFLA_BOND.AD_LACP_RATE) ?? -1],
    minLinks: attributeU32(frame, bond, IFLA_BOND.MIN_LINKS),
  };
}

/** What watches the slaves, by the intervals of both monitors in milliseconds; undefined where neither is told. */
export function monitorOf(miimonMs: number | undefined, arpIntervalMs: number | undefined): BondMonitor | undefined {
  if (miimonMs === undefined && arpIntervalMs === undefined) return undefined;
  if (arpIntervalMs) return "arp";
  return miimonMs ? "mii" : "none";
}

const ROLES = ["active", "backup"] as const;

function parsePort(frame: Frame, kind: "bond" | "team"): PortAttributes {
  indexNested(frame, kind === "bond" ? info[IFLA_INFO.SLAVE_DATA] : 0, slave);
  const failures = attributeU32(frame, slave, IFLA_BOND_SLAVE.LINK_FAILURE_COUNT);
  return {
    ...UNTOLD_PORT, // what netlink does not tell: see bond-watch.ts
    kind,
    role: ROLES[attributeU8(frame, slave, IFLA_BOND_SLAVE.STATE) ?? -1],
    miiStatus: MII_STATUSES[attributeU8(frame, slave, IFLA_BOND_SLAVE.MII_STATUS) ?? -1],
    linkFailures: failures === undefined ? undefined : BigInt(failures),
    permanentLladdr: hex(attributeBytes(frame, slave, IFLA_BOND_SLAVE.PERM_HWADDR)) || undefined,
    aggregator: attributeU16(frame, slave, IFLA_BOND_SLAVE.AD_AGGREGATOR_ID),
    actorState: attributeU8(frame, slave, IFLA_BOND_SLAVE.AD_ACTOR_OPER_PORT_STATE),
    // A state is an octet; the kernel sends this one in 16 bits.
    partnerState: attributeU16(frame, slave, IFLA_BOND_SLAVE.AD_PARTNER_OPER_PORT_STATE),
  };
}

function indexNested(frame: Frame, at: number | undefined, table: Uint32Array): void {
  if (at) indexAttributes(frame, payloadStart(at), payloadEnd(frame, at), table);
  else table.fill(0);
}
