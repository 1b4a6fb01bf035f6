/** What a configuration that is valid meets on this host and may be surprised by, for `check-config`: bonds that monitor nothing, probes whose answers cannot arrive, and keys that name what is not there. */

import type { Configuration } from "../../config/configuration.ts";
import type { LinkAttributes } from "../../link/link-attributes.ts";
import { SourceError } from "../../sources/source.ts";
import { type HostFacts, idleKeys } from "../groups/idle-keys.ts";
import { openLocalSource } from "./local-source.ts";
import { type OwnAddress, probeWarnings } from "../probing/probe-warnings.ts";

/** One line each; none where this host's links cannot be read. */
export async function hostWarnings(configuration: Configuration): Promise<string[]> {
  try {
    const { links, addresses, hasGroups } = await look(configuration);
    const bonds = configuration.discovery.bonds ? bondWarnings(links) : [];
    return [...bonds, ...probeWarnings(configuration, addresses), ...idleKeys(configuration, { links, hasGroups })];
  } catch (error) {
    if (error instanceof SourceError) return [];
    throw error;
  }
}

function bondWarnings(links: readonly LinkAttributes[]): string[] {
  return links.flatMap(({ name, aggregate }) =>
    aggregate?.monitor === "none"
      ? [`${name} does not monitor its links (miimon 0, no arp_interval): it keeps using a link that is lost`]
      : [],
  );
}

async function look(configuration: Configuration): Promise<HostFacts & { readonly addresses: readonly OwnAddress[] }> {
  const { source } = await openLocalSource(configuration);
  source.open(() => {});
  try {
    const states = source.drain().flatMap((event) => (event.kind === "resync" ? event.links : []));
    const links = states.map(({ link }) => link);
    const names = new Map(links.map(({ ifindex, name }) => [ifindex, name]));
    const addresses = (source.addresses?.() ?? []).flatMap((address) => {
      const device = names.get(address.ifindex);
      return device === undefined ? [] : [{ ...address, device }];
    });
    return { links, addresses, hasGroups: source.kind === "illumos" };
  } finally {
    source.close();
  }
}
