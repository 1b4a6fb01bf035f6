/**
 * /proc/net/bonding/BOND as a bond prints it (bond_procfs.c): a master's section, then one for each slave. Lines differ from
 * kernel to kernel and LACP's need CAP_NET_ADMIN in part, so each is looked for by its name and may be missing.
 */

import {
  type AggregateAttributes,
  type BondMode,
  CHURN_STATES,
  LACP_RATES,
  MII_STATUSES,
  type PortAttributes,
} from "../../link/aggregate.ts";
import { monitorOf } from "./link-info.ts";
import { linkNameOfLatin1 } from "./link-name.ts";

export interface BondingFile {
  readonly aggregate: AggregateAttributes;
  /** By the slaves' names. */
  readonly ports: ReadonlyMap<string, PortAttributes>;
}

/** bond_mode_name(), each as the file begins to print it. */
const MODE_NAMES: readonly (readonly [string, BondMode])[] = [
  ["load balancing (round-robin)", "balance-rr"],
  ["fault-tolerance (active-backup)", "active-backup"],
  ["load balancing (xor)", "balance-xor"],
  ["fault-tolerance (broadcast)", "broadcast"],
  ["IEEE 802.3ad Dynamic link aggregation", "802.3ad"],
  ["transmit load balancing", "balance-tlb"],
  ["adaptive load balancing", "balance-alb"],
];

/**
 * @param text one character for each byte (latin1), so that no byte of a name is lost
 * @param ifindexOf a link's number; undefined for a name that is not there
 */
export function parseBondingFile(text: string, ifindexOf: (name: string) => number | undefined): BondingFile {
  const named = (name: string) => ifindexOf(linkNameOfLatin1(name));
  const [master = "", ...slaves] = text.split(/^Slave Interface:/m);
  const said = fields(master);
  const mode = MODE_NAMES.find(([name]) => said.get("Bonding Mode")?.startsWith(name))?.[1];
  const active = said.get("Currently Active Slave");
  const activeIfindex = active === undefined ? undefined : named(active); // "None" is no link's name
  const aggregate: AggregateAttributes = {
    kind: "bond",
    mode,
    // The ARP monitor's lines are there only where it runs.
    monitor: monitorOf(number(said.get("MII Polling Interval (ms)")), number(said.get("ARP Polling Interval (ms)"))),
    activeIfindex,
    // "eth0 (primary_reselect always)"
    primaryIfindex: named(said.get("Primary Slave")?.split(" ")[0] ?? ""),
    activeAggregator: number(said.get("Aggregator ID")),
    actorKey: number(said.get("Actor Key")),
    partnerKey: number(said.get("Partner Key")),
    partnerLladdr: lladdr(said.get("Partner Mac Address")),
    lacpRate: LACP_RATES.find((rate) => rate === said.get("LACP rate")),
    minLinks: number(said.get("Min links")),
  };
  const ports = slaves.map((slave) => {
    const name = slave.slice(0, slave.indexOf("\n")).trim();
    const isActive = active === undefined ? undefined : name === active;
    return [linkNameOfLatin1(name), parsePort(slave, mode, isActive)] as const;
  });
  return { aggregate, ports: new Map(ports) };
}

/** The file does not print a slave's role; where a bond has one active slave it can be told all the same. */
function parsePort(text: string, mode: BondMode | undefined, isActive: boolean | undefined): PortAttributes {
  const said = fields(text);
  const [, actor = "", partner = ""] = text.split(/^details .*:$/m);
  const partnerDetails = fields(partner);
  return {
    kind: "bond",
    role: mode !== "active-backup" || isActive === undefined ? undefined : isActive ? "active" : "backup",
    miiStatus: MII_STATUSES.find((status) => status === said.get("MII Status")),
    linkFailures: counter(said.get("Link Failure Count")),
    permanentLladdr: lladdr(said.get("Permanent HW addr")),
    aggregator: number(said.get("Aggregator ID")),
    actorState: number(fields(actor).get("port state")),
    partnerState: number(partnerDetails.get("port state")),
    partnerLladdr: lladdr(partnerDetails.get("system mac address")),
    partnerKey: number(partnerDetails.get("oper key")),
    actorChurn: CHURN_STATES.find((state) => state === said.get("Actor Churn State")),
    partnerChurn: CHURN_STATES.find((state) => state === said.get("Partner Churn State")),
    actorChurnedCount: counter(said.get("Actor Churned Count")),
    partnerChurnedCount: counter(said.get("Partner Churned Count")),
  };
}

/** "Name: value" lines; the first of a name counts. */
function fields(text: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const line of text.split("\n")) {
    const colon = line.indexOf(":");
    const name = line.slice(0, Math.max(colon, 0)).trimStart();
    if (name !== "" && !found.has(name)) found.set(name, line.slice(colon + 1).trim());
  }
  return found;
}

function number(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : undefined; // "N/A": no aggregator
}

function counter(text: string | undefined): bigint | undefined {
  return text !== undefined && /^\d{1,10}$/.test(text) ? BigInt(text) : undefined;
}

function lladdr(text: string | undefined): string | undefined {
  return text !== undefined && /^[0-9a-f]{2}(:[0-9a-f]{2})+$/.test(text) && /[1-9a-f]/.test(text) ? text : undefined;
}
