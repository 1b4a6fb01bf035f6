/**
 * Links of another system that an earlier run of the program knew: there again from the start, as they were last seen, because their
 * system may take a while to answer, or be down. What they carried has been published and is not to fall in the meantime.
 */

import { hrtime } from "../../kstat/hrtime.ts";
import type { LinkAttributes } from "../../link/link-attributes.ts";
import type { CounterForm } from "../../settling/settled-link.ts";
import type { Source } from "../../sources/source.ts";
import type { SavedAttributes, SavedMember } from "../../state/saved-state.ts";
import type { LinkTable } from "./link-table.ts";
import type { Restoration } from "./restoration.ts";

/** What the counters of a source are, where it does not say otherwise of a link. */
export function formOf({ schema, counterBits = 64, restartsAtZero = true }: Source): CounterForm {
  return { schema, bits: counterBits, restartsAtZero };
}

/** Puts the links into the table, and tells the source of them. Nothing to do for this host, whose links are listed at once. */
export function resumeLinks(source: Source, table: LinkTable, restoration: Restoration): void {
  const known = source.resume && restoration.systemOf(source.name, source.schema);
  if (!known) return;
  const form = formOf(source);
  const links = known.links.flatMap((member) => {
    const { device: name, ifindex, elsewhere } = member;
    if (!elsewhere) return [];
    const { bits, masterIfindex, masterName } = elsewhere;
    const lag =
      masterIfindex === undefined || masterName === undefined
        ? undefined
        : { ifindex: masterIfindex, name: masterName };
    return [{ ifindex, name, bits, lag, attributes: attributesOf(member, elsewhere) }];
  });
  for (const { attributes, bits = form.bits } of links) {
    const settled = restoration.link(source.name, attributes, { ...form, bits }, NO_COUNTERS);
    const crtime = restoration.crtime(source.name, attributes);
    if (!settled || crtime === undefined) continue;
    table.add(attributes, settled, hrtime(crtime)).unanswered =
      `${source.name} has not answered since the program started`;
  }
  source.resume?.({ identity: known.identity, links });
}

const NO_COUNTERS = new BigUint64Array(0);
/** ARPHRD_ETHER. */
const ETHERNET = 1;

function attributesOf({ device, ifindex, lladdr }: SavedMember, known: SavedAttributes): LinkAttributes {
  const { running, adminUp, mtu, speedBitsPerSecond, masterIfindex, masterName } = known;
  return {
    ifindex,
    name: device,
    alias: "",
    hardwareType: ETHERNET,
    kind: undefined,
    driver: undefined,
    hasDevice: false,
    lladdr,
    mtu,
    adminUp,
    running,
    operState: "unknown",
    loopback: false,
    pointToPoint: undefined,
    noArp: undefined,
    multicast: undefined,
    promiscuous: undefined,
    speedBitsPerSecond,
    masterIfindex,
    masterName,
  };
}
