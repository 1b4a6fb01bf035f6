/** Messages of rtnetlink and files of /proc as a real kernel gave them, changed, for everything that reads them. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { parseAddress } from "#src/sources/linux/address-message.js";
import { parseBondingFile } from "#src/sources/linux/bonding-file.js";
import { findLinkCounters, parseLink } from "#src/sources/linux/link-message.js";
import { parseNetDev } from "#src/sources/linux/net-dev.js";
import { eachMessage, frameOf } from "#src/sources/linux/netlink-wire.js";
import { parseIfInet6, parseIpv6Routes, parseRoutes } from "#src/sources/linux/proc-routes.js";
import { parseDefaultRoute } from "#src/sources/linux/route-message.js";
import { parseTableRule } from "#src/sources/linux/rule-message.js";
import { findStats } from "#src/sources/linux/stats-message.js";
import { parseTeamOptions } from "#src/sources/linux/team-message.js";
import { bytesOf } from "../sources/linux/fixtures.ts";
import { root } from "../support/root.ts";
import { changed, type FuzzTarget, type Random } from "./target.ts";

const PARSERS = [parseLink, findLinkCounters, parseAddress, parseDefaultRoute, parseTableRule, findStats];
/** A family of generic netlink has any number. */
const TEAM_FAMILY = 30;
/** Octets of one message at most; a dump is a few of them. */
const DUMP = 4096;

export class NetlinkTarget implements FuzzTarget {
  readonly #messages = ["events", "getaddr", "getlink", "getroute-ipv4", "getroute-ipv6", "getstats"].map((name) =>
    bytesOf(name).subarray(0, DUMP),
  );
  readonly #texts = [
    ...["bonding-802.3ad.txt", "bonding-active-backup.txt"].map((name) =>
      readFileSync(root("test", "fixtures", "linux", name)),
    ),
    ...["/proc/net/dev", "/proc/net/route", "/proc/net/if_inet6", "/proc/net/ipv6_route"].flatMap(readable),
  ];
  #messagesRead = 0;

  make(random: Random): Uint8Array {
    return changed(random(4) === 0 ? this.#texts : this.#messages, random);
  }

  /** What is read depends on the octets alone; none may throw, and no link's name may be more than its attribute holds. */
  take(input: Uint8Array): void {
    // Copied, so that reading behind its end would be seen as an error of the view and not as octets of another message.
    const bytes = Uint8Array.from(input);
    const frame = frameOf(bytes);
    eachMessage(frame, bytes.length, (message) => {
      this.#messagesRead++;
      assert.ok(message.start <= message.end && message.end <= bytes.length, "a message within its frame");
      for (const parse of PARSERS) parse(frame, message);
      parseTeamOptions(TEAM_FAMILY, frame, message);
      return true;
    });
    parseNetDev(bytes, (name, counters) => assert.ok(name.length <= 4 * bytes.length && counters.length > 0));
    const text = Buffer.from(bytes).toString("latin1");
    const lines = text.split("\n");
    const one = () => 1;
    parseBondingFile(text, one);
    parseRoutes(lines, one);
    parseIpv6Routes(lines, one);
    parseIfInet6(text);
  }

  summary(): string {
    return `${this.#messagesRead} messages read`;
  }
}

/** A machine without IPv6 has fewer of these files. */
function readable(path: string): Buffer[] {
  try {
    return [readFileSync(path)];
  } catch {
    return [];
  }
}
