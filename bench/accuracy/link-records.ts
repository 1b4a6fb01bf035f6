/**
 * What the kernel itself says of links, written down by rtmon(8) of iproute2: every message with the counters of its moment, also
 * the last ones of a link that goes. Nothing of the program under test is used to read it.
 */

import { type ChildProcess, execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Hooks, Netns } from "../../test/support/netns.ts";
import { scratch } from "../../test/support/scratch.ts";
import { eventually } from "../../test/support/wait.ts";
import { type Counts, larger } from "./counts.ts";

/** linux/rtnetlink.h, linux/if_link.h; struct rtnl_link_stats64 begins with these four. */
const RTM_NEWLINK = 16;
const RTM_DELLINK = 17;
const IFLA_IFNAME = 3;
const IFLA_STATS64 = 23;

export interface LinkRecord {
  readonly gone: boolean;
  readonly ifindex: number;
  readonly name: string;
  readonly counts: Counts;
}

/** A link from its appearance in the namespace to its end: names in the order it had them. */
export interface Life {
  readonly names: string[];
  /** Under each name, in the same order: counts at the first message and the largest seen. */
  readonly spans: { readonly name: string; readonly first: Counts; last: Counts }[];
  gone: boolean;
}

export class LinkRecorder {
  readonly #file: string;
  readonly #child: ChildProcess;
  #complaints = "";

  private constructor(file: string, child: ChildProcess) {
    this.#file = file;
    this.#child = child;
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.#complaints += text;
    });
  }

  /** Begins to write; answers when every link that is there is written. Events of that moment would be missed. */
  static async start(hooks: Hooks, ns: Netns): Promise<LinkRecorder> {
    const folder = scratch(hooks);
    const file = join(folder, "links");
    const child = ns.spawn(["rtmon", "file", file, "link"], { stdio: ["ignore", "ignore", "pipe"] });
    const recorder = new LinkRecorder(file, child);
    const there = (JSON.parse(ns.ip("-j", "link")) as unknown[]).length; // ip(8)'s own format
    await eventually(
      () => recorder.records().length >= there,
      () => `rtmon has not written ${there} links: ${recorder.#complaints}`,
    );
    return recorder;
  }

  /** @throws Error when rtmon lost something: then there is no truth to compare with. */
  records(): LinkRecord[] {
    if (this.#complaints !== "") throw new Error(`rtmon(8): ${this.#complaints.trim()}`);
    try {
      return parseRecords(readFileSync(this.#file));
    } catch (error) {
      if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
      throw error;
    }
  }

  lives(): Life[] {
    return livesOf(this.records());
  }

  stop(): void {
    this.#child.kill("SIGTERM");
  }
}

/** Whether rtmon(8) is there. */
export function hasRtmon(): boolean {
  try {
    execFileSync("sh", ["-c", "command -v rtmon"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

export function livesOf(records: readonly LinkRecord[]): Life[] {
  const all: Life[] = [];
  const present = new Map<number, Life>();
  for (const { ifindex, name, counts, gone } of records) {
    let life = present.get(ifindex);
    if (!life) {
      if (gone) continue;
      life = { names: [], spans: [], gone: false };
      present.set(ifindex, life);
      all.push(life);
    }
    const span = life.spans.at(-1);
    if (span?.name === name || (gone && span)) span.last = larger(span.last, counts);
    else {
      // The message of a renaming has the counters of that moment: the end of the one name and the beginning of the other.
      if (span) span.last = larger(span.last, counts);
      life.names.push(name);
      life.spans.push({ name, first: counts, last: counts });
    }
    if (gone) {
      life.gone = true;
      present.delete(ifindex);
    }
  }
  return all;
}

/** Only messages about links themselves; an incomplete one at the end is still being written. */
export function parseRecords(bytes: Buffer): LinkRecord[] {
  const records: LinkRecord[] = [];
  for (let at = 0; at + 16 <= bytes.length; ) {
    const length = bytes.readUInt32LE(at);
    if (length < 16 || at + length > bytes.length) break;
    const type = bytes.readUInt16LE(at + 4);
    if ((type === RTM_NEWLINK || type === RTM_DELLINK) && bytes[at + 16] === 0) {
      const record = parseLink(bytes.subarray(at + 16, at + length), type === RTM_DELLINK);
      if (record) records.push(record);
    }
    at += (length + 3) & ~3;
  }
  return records;
}

function parseLink(message: Buffer, gone: boolean): LinkRecord | undefined {
  let name: string | undefined;
  let counts: Counts | undefined;
  for (let at = 16; at + 4 <= message.length; ) {
    const length = message.readUInt16LE(at);
    if (length < 4) break;
    const value = message.subarray(at + 4, at + length);
    const type = message.readUInt16LE(at + 2) & 0x3fff;
    if (type === IFLA_IFNAME) name = value.toString("utf8", 0, value.indexOf(0));
    if (type === IFLA_STATS64) {
      counts = {
        receive_packets: value.readBigUInt64LE(0),
        transmit_packets: value.readBigUInt64LE(8),
        receive_bytes: value.readBigUInt64LE(16),
        transmit_bytes: value.readBigUInt64LE(24),
      };
    }
    at += (length + 3) & ~3;
  }
  return name === undefined || counts === undefined
    ? undefined
    : { gone, ifindex: message.readInt32LE(4), name, counts };
}
