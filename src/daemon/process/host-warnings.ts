/** What a configuration that is valid meets on this host and may be surprised by, for `check-config`: bonds that monitor nothing. */

import type { Configuration } from "../../config/configuration.ts";
import { type LinkState, SourceError } from "../../sources/source.ts";
import { openLocalSource } from "./local-source.ts";

/** One line each; none where this host's links cannot be read. */
export async function hostWarnings(configuration: Configuration): Promise<string[]> {
  if (!configuration.discovery.bonds) return [];
  try {
    return (await listLinks(configuration)).flatMap(({ link: { name, aggregate } }) =>
      aggregate?.monitor === "none"
        ? [`${name} does not monitor its links (miimon 0, no arp_interval): it keeps using a link that is lost`]
        : [],
    );
  } catch (error) {
    if (error instanceof SourceError) return [];
    throw error;
  }
}

async function listLinks(configuration: Configuration): Promise<LinkState[]> {
  const { source } = await openLocalSource(configuration);
  source.open(() => {});
  try {
    return source.drain().flatMap((event) => (event.kind === "resync" ? event.links : []));
  } finally {
    source.close();
  }
}
