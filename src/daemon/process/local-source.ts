/** The source of this host's links: the one that the configuration names, or that of the operating system. */

import type { Configuration } from "../../config/configuration.ts";
import { LOCAL } from "../../link/link-id.ts";
import { openIllumosSource } from "../../sources/illumos/open-illumos-source.ts";
import { openLinuxSource } from "../../sources/linux/choose-source.ts";
import { systemIdentity } from "../../sources/linux/system-identity.ts";
import type { Source } from "../../sources/source.ts";
import type { SystemIdentity } from "../../state/saved-state.ts";

export interface LocalSource {
  /** Not opened yet. */
  readonly source: Source;
  /** One line for the log. */
  readonly why: string;
  /** Which boot this is, and which network namespace or zone. */
  readonly identity: SystemIdentity;
}

/** Node calls every descendant of SunOS by its name. */
const ILLUMOS = "sunos";

/** Milliseconds between two rounds of questions: each makes in.mpathd look at all interfaces. */
const ILLUMOS_INTERVAL_MS = 10_000;

/** @throws SourceError when the source that was asked for cannot be had */
export async function openLocalSource({ source, path }: Pick<Configuration, "source" | "path">): Promise<LocalSource> {
  const { procfs, sysfs, illumos, lldpcli, lldpdSocket } = path;
  if (source === "illumos" || (source === "auto" && process.platform === ILLUMOS))
    return openIllumosSource({ name: LOCAL, root: illumos, intervalMs: ILLUMOS_INTERVAL_MS });
  const opened = await openLinuxSource({ source, procfs, sysfs, lldp: { client: lldpcli, socket: lldpdSocket } });
  return { ...opened, identity: systemIdentity(procfs) };
}
