/**
 * What a bond, a team, or a LAG of a device does when it has lost some of its ports: whom it uses then, and whether it keeps its own carrier (bond_main.c,
 * bond_select_active_slave and bond_set_carrier; bond_3ad.c, ad_agg_selection_logic). Delays are not waited for.
 */

import { ONE_ACTIVE } from "../detection/aggregate.ts";
import { activeAggregator, isDefaulted } from "../detection/lacp.ts";
import type { AggregateAttributes, PortAttributes } from "../link/aggregate.ts";
import type { LinkAttributes } from "../link/link-attributes.ts";

export interface Election {
  /** Whether it keeps its carrier. */
  readonly running: boolean;
  /** What it would say of itself. */
  readonly aggregate: AggregateAttributes;
  /** What it would say of each port that is left, by ifindex. */
  readonly ports: ReadonlyMap<number, PortAttributes>;
  /** What the ports in use can carry; undefined: not known of any. */
  readonly speedBitsPerSecond: number | undefined;
  /** ifindexes of ports among which it chooses by what it does not tell: the order in which they were enslaved. */
  readonly candidates: ReadonlySet<number>;
}

/** @param ports all that it has @param isLost whether a port has lost its link */
export function electionOf(
  bond: LinkAttributes & { readonly aggregate: AggregateAttributes },
  ports: readonly LinkAttributes[],
  isLost: (ifindex: number) => boolean,
): Election {
  const elected = elect(bond, ports, isLost);
  return { ...elected, speedBitsPerSecond: speedOf(ports.filter(({ ifindex }) => isUsed(elected.ports.get(ifindex)))) };
}

function isUsed(port: PortAttributes | undefined): boolean {
  return port !== undefined && port.role !== "backup";
}

/** As the bond tells it (bond_ethtool_get_link_ksettings): of ports whose speed is known. */
function speedOf(used: readonly LinkAttributes[]): number | undefined {
  return used.reduce((sum, { speedBitsPerSecond = 0 }) => sum + speedBitsPerSecond, 0) || undefined;
}

type Elected = Omit<Election, "speedBitsPerSecond">;

function elect(
  { aggregate, running }: LinkAttributes & { readonly aggregate: AggregateAttributes },
  ports: readonly LinkAttributes[],
  isLost: (ifindex: number) => boolean,
): Elected {
  const left = ports.filter((port) => works(port) && !isLost(port.ifindex));
  // Without a monitor it takes every link for up, for ever.
  if (aggregate.monitor === "none") return { running, aggregate, ports: portsOf(left), candidates: new Set() };
  if (aggregate.kind === "lag") return electAttached(aggregate, running, ports, left);
  if (aggregate.mode === "802.3ad") return electAggregator(aggregate, running, ports, left);
  if (ONE_ACTIVE.has(aggregate.mode ?? "")) return electPort(aggregate, running, left);
  return { running: running && left.length > 0, aggregate, ports: portsOf(left), candidates: new Set() };
}

/** Whether the bond could use it. */
function works({ adminUp, running, port }: LinkAttributes): boolean {
  return adminUp && running && port !== undefined && port.miiStatus !== "down" && port.miiStatus !== "going back";
}

/** Those that are left, with the role that `roleOf` gives them; left out: as it is. */
function portsOf(
  left: readonly LinkAttributes[],
  roleOf: (port: LinkAttributes) => PortAttributes["role"] = ({ port }) => port?.role,
): Map<number, PortAttributes> {
  return new Map(left.flatMap((link) => (link.port ? [[link.ifindex, { ...link.port, role: roleOf(link) }]] : [])));
}

function electPort(aggregate: AggregateAttributes, running: boolean, left: readonly LinkAttributes[]): Elected {
  const isKnown = aggregate.activeIfindex !== undefined || left.some(({ port }) => port?.role !== undefined);
  const now = left.find(({ ifindex, port }) =>
    aggregate.activeIfindex === undefined ? port?.role === "active" : ifindex === aggregate.activeIfindex,
  );
  const primary = left.find(({ ifindex }) => ifindex === aggregate.primaryIfindex);
  const elected = now ?? primary ?? (left.length === 1 ? left[0] : undefined);
  return {
    running: running && left.length > 0,
    aggregate: { ...aggregate, activeIfindex: isKnown ? elected?.ifindex : undefined },
    ports: portsOf(left, (link) => (isKnown ? (link === elected ? "active" : "backup") : link.port?.role)),
    candidates: new Set(isKnown && elected === undefined ? left.map(({ ifindex }) => ifindex) : []),
  };
}

/** For a port that it loses, a device attaches one that waits, and does not tell beforehand which. */
function electAttached(
  aggregate: AggregateAttributes,
  running: boolean,
  ports: readonly LinkAttributes[],
  left: readonly LinkAttributes[],
): Elected {
  const isAttached = ({ port }: LinkAttributes): boolean => port?.role !== "backup";
  const isAnyLost = ports.some((link) => isAttached(link) && link.running && !left.includes(link));
  const waiting = left.filter((link) => !isAttached(link) && link.port?.aggregator !== undefined);
  return {
    running: running && (left.some(isAttached) || waiting.length > 0),
    aggregate,
    ports: portsOf(left),
    candidates: new Set(isAnyLost ? waiting.map(({ ifindex }) => ifindex) : []),
  };
}

/** The aggregator in use stays while it has a port; then another one with a partner is taken. */
function electAggregator(
  aggregate: AggregateAttributes,
  running: boolean,
  ports: readonly LinkAttributes[],
  left: readonly LinkAttributes[],
): Elected {
  const now = activeAggregator(
    aggregate.activeAggregator,
    ports.flatMap(({ port }) => port ?? []),
  );
  const there = new Set(left.flatMap(({ port }) => (port && !isDefaulted(port) ? (port.aggregator ?? []) : [])));
  const [only] = there;
  const elected = now !== undefined && there.has(now) ? now : there.size === 1 ? only : undefined;
  const isStill = elected === now;
  const isIn = ({ port }: LinkAttributes): boolean => port?.aggregator === elected;
  const inUse = left.filter((link) => (isStill ? isIn(link) && link.port?.role !== "backup" : isIn(link)));
  const isOpen = elected === undefined && there.size > 1;
  const partner = left.find(isIn)?.port;
  return {
    running: running && (isOpen || (elected !== undefined && inUse.length >= Math.max(1, aggregate.minLinks ?? 0))),
    aggregate: isStill
      ? aggregate
      : {
          ...aggregate,
          activeAggregator: elected,
          partnerLladdr: partner?.partnerLladdr,
          partnerKey: partner?.partnerKey,
        },
    ports: portsOf(left, (link) => (isStill ? link.port?.role : inUse.includes(link) ? "active" : "backup")),
    candidates: new Set(isOpen ? left.map(({ ifindex }) => ifindex) : []),
  };
}
