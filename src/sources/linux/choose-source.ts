/** Chooses how links are read on Linux: netlink where it can be had, /proc where not; and says why. */

import { LibcError, loadLibc } from "../../os/libc.ts";
import { type Source, SourceError } from "../source.ts";
import { NetlinkSource } from "./netlink-source.ts";
import { ProcfsSource } from "./procfs-source.ts";

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
export async function openLinuxSource({ source, procfs, sysfs }: LinuxSourceOptions): Promise<ChosenSource> {
  const procfsSource = () => new ProcfsSource(procfs, sysfs);
  const looks = `reading ${procfs}/self/net/dev every second`;
  if (source === "procfs") return { source: procfsSource(), why: `${looks}, as configured` };
  try {
    return { source: await netlinkSource({ procfs, sysfs }), why: "reading links by rtnetlink" };
  } catch (error) {
    if (!(error instanceof SourceError || error instanceof LibcError)) throw error;
    if (source === "netlink") {
      throw new SourceError("netlink", `Cannot read links by netlink, as configured: ${error.message}`, {
        cause: error,
      });
    }
    const loss = "a link that is unplugged loses what it carried since the last reading";
    return { source: procfsSource(), why: `${error.message}: ${looks}; ${loss}` };
  }
}

/** A sandbox may refuse the socket, the subscription or the requests: all of them are tried once. */
async function netlinkSource(mounts: Pick<LinuxSourceOptions, "procfs" | "sysfs">): Promise<Source> {
  const libc = await loadLibc();
  const trial = new NetlinkSource(libc, mounts);
  trial.open(() => {});
  try {
    trial.readCounters(() => {});
  } finally {
    trial.close();
  }
  return new NetlinkSource(libc, mounts);
}
