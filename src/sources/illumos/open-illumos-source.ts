/** Opens illumos as a source: asks everything once, so that the first look finds the links and the groups that there are. */

import { CommandRunner } from "../command.ts";
import { IllumosSource, type IllumosOptions } from "./illumos-source.ts";
import { numberOf } from "./kstat-lines.ts";
import { kstatCommand, kstatsOf } from "./tools.ts";

export interface OpenedIllumos {
  /** Not opened yet; its first answers wait. */
  readonly source: IllumosSource;
  /** One line for the log. */
  readonly why: string;
  /** Which boot this is, and which zone: texts to compare, empty where the system does not tell. */
  readonly identity: { readonly boot: string; readonly namespace: string };
}

export async function openIllumosSource(options: IllumosOptions): Promise<OpenedIllumos> {
  const { root, intervalMs } = options;
  const identity = await identityOf(root);
  const source = new IllumosSource({ ...options, boot: identity.boot || undefined });
  await source.round();
  const why = `reading links and IPMP groups by kstat, ipmpstat and dladm every ${intervalMs / 1000} s`;
  return { source, why, identity };
}

/** The boot by its time (unix:0:system_misc). A zone has its own links and its own state file. */
async function identityOf(root: string): Promise<OpenedIllumos["identity"]> {
  const runner = new CommandRunner({ deadlineMs: 8_000, mostOutput: 1024 * 1024 });
  const command = kstatCommand(root, "unix:0:system_misc:");
  const answer = kstatsOf(command, await runner.run(command));
  const [misc] = answer.kind === "answered" ? answer.value : [];
  const boot = misc && numberOf(misc, "boot_time");
  return { boot: boot === undefined ? "" : `boot_time ${boot}`, namespace: "" };
}
