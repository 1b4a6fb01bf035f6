/** Says at the start that there is nothing to watch, why, and what to write. */

import type { Configuration } from "../../config/configuration.ts";
import type { Log } from "../../log/log.ts";
import type { Snapshot } from "../../snapshot/snapshot.ts";
import { interfacesOf, uplinksAmong } from "../../wording/first-group.ts";

export function logNoGroup(log: Log, configuration: Configuration, { groups, links }: Snapshot): void {
  if (groups.length > 0) return;
  log.warn("no group to watch", {
    because: whyNone(configuration),
    links: links.length,
    write: `groups: [{ name: ipmp0, interfaces: ${interfacesOf(uplinksAmong(links))} }]`,
    to: configuration.file ?? "/etc/ipmp-exporter/config.yml, and start with --config.file",
  });
}

function whyNone({ groups, discovery, file }: Configuration): string {
  if (groups.length > 0) return "none of the configured groups can be made";
  const configured = file === undefined ? "there is no configuration" : "the configuration has no groups";
  const found = [
    discovery.bonds || discovery.teams ? "no bond or team was found" : "bonds and teams are not looked for",
    discovery.defaultRoutes ? "no link has a default route" : "default routes are not looked at",
  ];
  return [configured, ...found].join(", ");
}
