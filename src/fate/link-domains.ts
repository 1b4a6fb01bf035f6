/** The failure domains of one link: everything that takes it down when it fails, as far as the system tells. */

import { withoutFunction } from "../link/hardware.ts";
import { type LinkAttributes, sameAttributes } from "../link/link-attributes.ts";
import { linkBelow } from "../link/stacked.ts";
import { type FailureDomain, inCommon, isSameDomain, type SwitchNaming } from "./failure-domain.ts";
import { isSharedMac } from "./shared-mac.ts";

/** A gateway of default routes; undefined MAC: not in the neighbour table, or not complete there. */
export interface Gateway {
  readonly ifindex: number;
  readonly family: "ipv4" | "ipv6";
  readonly metric: number;
  readonly address: string;
  readonly lladdr: string | undefined;
}

/** The links of one system, and what is told of them together. */
export interface FateSystem {
  /** Name of a device that is watched from here; undefined for this host, whose failure nobody would be told of. */
  readonly chassis: string | undefined;
  readonly links: ReadonlyMap<number, LinkAttributes>;
  readonly gateways: readonly Gateway[];
  /** What people call a link. */
  readonly labelOf: (link: LinkAttributes) => string;
}

/** The attributes of links that tell domains. Whether a link runs is told too, by the ports of a bond. */
const TELL_DOMAINS: readonly (keyof LinkAttributes)[] = [
  ...(["name", "kind", "driver", "hasDevice", "hardware", "noArp", "neighbour", "switchPort"] as const),
  ...(["lowerIfindex", "masterIfindex", "aggregate", "port"] as const),
];

/** Whether the links of a system tell of the same domains as before. */
export function tellSameDomains(before: FateSystem["links"], after: FateSystem["links"]): boolean {
  if (before.size !== after.size) return false;
  for (const [ifindex, was] of before) {
    const is = after.get(ifindex);
    if (is === was) continue;
    if (!is || !sameAttributes(was, is, TELL_DOMAINS)) return false;
    if (is.masterIfindex !== undefined && is.running !== was.running) return false;
  }
  return true;
}

/** Without repetition, in the order of what lies nearest. */
export function domainsOf(link: LinkAttributes, system: FateSystem): FailureDomain[] {
  const found: FailureDomain[] = [];
  collect(link, system, new Set(), (domain) => {
    if (!found.some((known) => isSameDomain(known, domain))) found.push(domain);
  });
  return found.slice(); // without the room that push makes: each link keeps one
}

/** Those of the link itself, whatever it lies on. */
export function ownDomainsOf(link: LinkAttributes, system: FateSystem): FailureDomain[] {
  return [
    { kind: "link", domain: system.labelOf(link) },
    ...ofCard(link),
    ...ofSwitch(link, system),
    ...ofGateways(link, system.gateways).map((domain) => ({ kind: "gateway", domain }) as const),
    ...(system.chassis === undefined ? [] : [{ kind: "chassis", domain: system.chassis } as const]),
  ];
}

function collect(
  link: LinkAttributes,
  system: FateSystem,
  seen: ReadonlySet<number>,
  add: (domain: FailureDomain) => void,
): void {
  const { ifindex, aggregate } = link;
  if (seen.has(ifindex)) return; // links that name each other: nothing more to learn
  const path = new Set([...seen, ifindex]);
  // What lies on a link has routes of its own: the router of the link below is none of its business.
  for (const domain of ownDomainsOf(link, system)) if (seen.size === 0 || domain.kind !== "gateway") add(domain);
  const below = system.links.get(linkBelow(link) ?? 0);
  if (below) collect(below, system, path, add);
  if (aggregate) for (const domain of ofPorts(ifindex, system, path)) add(domain);
}

/** Whether it is a port of that bond and works. */
function isPortOf({ masterIfindex, running }: LinkAttributes, master: number): boolean {
  return masterIfindex === master && running;
}

/** A bond falls with what all of its ports that work have in common. */
function ofPorts(master: number, system: FateSystem, path: ReadonlySet<number>): FailureDomain[] {
  const ports = [...system.links.values()].filter((link) => isPortOf(link, master));
  return inCommon(
    ports.map((port) => {
      const domains: FailureDomain[] = [];
      collect(port, system, path, (domain) => domains.push(domain));
      return domains;
    }),
  );
}

/**
 * What is plugged into one slot is one card. Else it is the PCI device; of a virtual function that of its physical one, because its own address may be another device's
 * (ARI).
 */
function ofCard({ hardware, driver, hasDevice }: LinkAttributes): FailureDomain[] {
  const { pciFunction, physicalFunction, slot, usbDevice, module } = hardware ?? {};
  const own = physicalFunction ?? pciFunction;
  const device = own && withoutFunction(own);
  const card = usbDevice === undefined ? (slot ?? device) : `usb:${usbDevice}`;
  const driven = hasDevice ? (module ?? driver) : undefined;
  return [
    ...(card === undefined ? [] : [{ kind: "card", domain: card } as const]),
    ...(driven === undefined ? [] : [{ kind: "driver", domain: driven } as const]),
  ];
}

/** MAC of an LACP partner that is not there. */
const NO_PARTNER = "00:00:00:00:00:00";

/** The switch chip that it is a port of, and who is at its other end: by LLDP, and by LACP. */
function ofSwitch(link: LinkAttributes, { links }: FateSystem): FailureDomain[] {
  const { switchPort, neighbour } = link;
  const partner = partnerOf(link, links);
  const lacp = partner === undefined || isKnownByLldp(partner, link, links) ? undefined : partner;
  const found: readonly (readonly [SwitchNaming, string | undefined])[] = [
    ["chip", switchPort?.switchId],
    ["lldp", neighbour?.chassis],
    ["lacp", lacp === neighbour?.chassis ? undefined : lacp],
  ];
  return found.flatMap(([by, domain]) => {
    if (domain === undefined || domain === "") return [];
    const name = by === "lldp" ? (neighbour?.systemName ?? "") : "";
    return [{ kind: "switch", domain, by, ...(domain.includes(name) ? {} : { called: name }) }];
  });
}

/**
 * Several switches may be one to LACP (MLAG), and never are to LLDP. So its partner is not taken for a switch where LLDP tells of every port of the
 * bond, nor where it tells of two switches that are this partner: a third port may lead to either. A port that speaks LACP and is in no bond stands alone.
 */
function isKnownByLldp(partner: string, link: LinkAttributes, links: FateSystem["links"]): boolean {
  const { neighbour, masterIfindex } = link;
  const ports =
    masterIfindex === undefined ? [link] : [...links.values()].filter((other) => isPortOf(other, masterIfindex));
  if (neighbour !== undefined && ports.every((port) => port.neighbour !== undefined)) return true;
  const chassis = ports.flatMap((port) => (partnerOf(port, links) === partner ? (port.neighbour?.chassis ?? []) : []));
  return new Set(chassis).size > 1;
}

/** By LACP its own partner where that is told (to root), else that of the bond, if it is in the aggregator of which the bond tells. */
function partnerOf({ port, masterIfindex }: LinkAttributes, links: FateSystem["links"]): string | undefined {
  const bond = links.get(masterIfindex ?? 0)?.aggregate;
  const isInUse = port?.aggregator !== undefined && port.aggregator === bond?.activeAggregator;
  const partner = port?.partnerLladdr ?? (isInUse ? bond?.partnerLladdr : undefined);
  return partner === undefined || partner === NO_PARTNER || isSharedMac(partner) ? undefined : partner;
}

/**
 * Per family the router without which nothing of its best default route is left; none where that has several routers over the link, or one
 * that is not told. Two addresses with one MAC are one router.
 */
function ofGateways({ ifindex, noArp }: LinkAttributes, gateways: readonly Gateway[]): string[] {
  return (["ipv4", "ipv6"] as const).flatMap((wanted) => {
    const own = gateways.filter((gateway) => gateway.ifindex === ifindex && gateway.family === wanted);
    const best = Math.min(...own.map(({ metric }) => metric));
    const routers = new Set(own.filter(({ metric }) => metric === best).map((gateway) => routerOf(gateway, noArp)));
    const [router] = routers;
    return routers.size === 1 && router !== undefined ? [router] : [];
  });
}

/** The addresses by which default routes over that link know the router. */
export function addressesOf(router: string, { ifindex }: LinkAttributes, { gateways }: FateSystem): string[] {
  return gateways
    .filter((gateway) => gateway.ifindex === ifindex && gateway.lladdr === router)
    .map(({ address }) => address);
}

/** Where links have MACs, an address whose MAC is not known may be any router's; where they have none, the address is all there is. */
function routerOf({ address, lladdr }: Gateway, noArp: boolean | undefined): string | undefined {
  if (lladdr === undefined) return noArp ? address : undefined;
  return isSharedMac(lladdr) ? undefined : lladdr;
}
