/** Says at the start that there is nothing to watch, why, and what to write. */

import type { Configuration } from "../../config/configuration.ts";
import type { Log } from "../../log/log.ts";
import type { SourceSnapshot } from "../../snapshot/program.ts";
import type { Snapshot } from "../../snapshot/snapshot.ts";
import { interfacesOf, uplinksAmong } from "../../wording/first-group.ts";

export function logNoGroup(log: Log, configuration: Configuration, { groups, links, sources }: Snapshot): void {
  if (groups.length > 0) return;
  const awaited = awaitedAmong(sources, configuration);
  if (awaited.length > 0) {
    log.info("no group to watch yet", { waiting_for: awaited.join(", ") });
    return;
  }
  log.warn("no group to watch", {
    because: whyNone(configuration),
    links: links.length,
    write: `groups: [{ name: ipmp0, interfaces: ${interfacesOf(uplinksAmong(links))} }]`,
    to: configuration.file ?? "/etc/ipmp-exporter/config.yml, and start with --config.file",
  });
}

/** Names of the sources whose groups are still to come: they make groups by themselves, and have not answered a poll. */
function awaitedAmong(sources: Snapshot["sources"], { discovery, sources: configured }: Configuration): string[] {
  const devices = new Set(configured.flatMap((one) => (one.kind === "snmp" && one.discoversLags ? one.name : [])));
  const makesGroups = ({ name, kind }: SourceSnapshot): boolean =>
    kind === "illumos" ? discovery.illumos : devices.has(name);
  return sources.filter((source) => makesGroups(source) && source.lastSuccessMs === undefined).map(({ name }) => name);
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
