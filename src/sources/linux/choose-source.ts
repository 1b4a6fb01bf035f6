/** Chooses how links are read on Linux: netlink where it can be had, /proc where not; and says why. */

import { LibcError, loadLibc } from "../../os/libc.ts";
import { type Source, SourceError } from "../source.ts";
import { type NetlinkOptions, NetlinkSource } from "./netlink-source.ts";
import { ProcfsSource } from "./procfs-source.ts";

export interface LinuxSourceOptions extends NetlinkOptions {
  readonly source: "auto" | "netlink" | "procfs";
}

export interface ChosenSource {
  /** Not opened yet. */
  readonly source: Source;
  /** One line for the log. */
  readonly why: string;
}

/** @throws SourceError when netlink was asked for and cannot be had */
export async function openLinuxSource({ source, ...options }: LinuxSourceOptions): Promise<ChosenSource> {
  const { procfs, sysfs } = options;
  const procfsSource = () => new ProcfsSource(procfs, sysfs);
  const looks = `reading ${procfs}/self/net/dev every second`;
  if (source === "procfs") return { source: procfsSource(), why: `${looks}, as configured` };
  try {
    return { source: await netlinkSource(options), why: "reading links by rtnetlink" };
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
async function netlinkSource(options: NetlinkOptions): Promise<Source> {
  const libc = await loadLibc();
  const trial = new NetlinkSource(libc, options);
  trial.open(() => {});
  try {
    trial.readCounters(() => {});
  } finally {
    trial.close();
  }
  return new NetlinkSource(libc, options);
}
