/**
 * Speed and driver of a link, by ioctl (linux/ethtool.h). Neither needs a privilege; a link that does not answer
 * has none.
 */

import type { Libc } from "../../os/libc.ts";
import { AF, SOCK } from "../../os/socket.ts";
import { linkNameBytes } from "./link-name.ts";
import { withoutZero } from "./netlink-wire.ts";

const SIOCETHTOOL = 0x8946;
const ETHTOOL_GDRVINFO = 0x03;
const ETHTOOL_GLINKSETTINGS = 0x4c;
/** struct ethtool_drvinfo: command (32), driver[32], … */
const DRVINFO_SIZE = 196;
/** struct ethtool_link_settings without masks; the masks are three arrays of at most 127 words. */
const LINK_SETTINGS_SIZE = 48;
const MASK_WORDS_AT = 15;
const LINK_SETTINGS_MAX = LINK_SETTINGS_SIZE + 3 * 127 * 4;
const IFREQ_SIZE = 40;
const NAME_SIZE = 16;
/** SPEED_UNKNOWN as struct ethtool_cmd had it, in 16 bits, and beyond it what the kernel takes for no speed (ethtool_validate_speed). */
const UNKNOWN_16_BIT = 0xffff;
const MAX_SPEED = 0x7fff_ffff;

/** Undefined for what ethtool(8) prints as "Unknown!". */
export function bitsPerSecond(megabits: number): number | undefined {
  return megabits > 0 && megabits <= MAX_SPEED && megabits !== UNKNOWN_16_BIT ? megabits * 1e6 : undefined;
}

export class Ethtool {
  readonly #libc: Libc;
  readonly #request = new Uint8Array(new ArrayBuffer(IFREQ_SIZE)); // struct ifreq: name[16], then a pointer
  readonly #data = new Uint8Array(new ArrayBuffer(LINK_SETTINGS_MAX));
  readonly #words = new Uint32Array(this.#data.buffer, 0, LINK_SETTINGS_MAX >> 2);
  readonly #fd: number;

  constructor(libc: Libc) {
    this.#libc = libc;
    this.#fd = libc.socket(AF.INET, SOCK.DGRAM | SOCK.CLOEXEC, 0); // if even this fails, nothing has speed or driver
    this.#request.set(libc.pointer(this.#data), NAME_SIZE);
  }

  driver(name: string): string | undefined {
    if (!this.#ask(name, ETHTOOL_GDRVINFO, DRVINFO_SIZE)) return undefined;
    return new TextDecoder().decode(withoutZero(this.#data.subarray(4, 36))) || undefined;
  }

  /** Undefined when unknown, as for a link without carrier. */
  speedBitsPerSecond(name: string): number | undefined {
    // Asked with no room for masks, the kernel answers how much it wants, as a negative number of words.
    if (!this.#ask(name, ETHTOOL_GLINKSETTINGS, LINK_SETTINGS_SIZE)) return undefined;
    const words = -(((this.#data[MASK_WORDS_AT] ?? 0) << 24) >> 24);
    if (words <= 0) return undefined;
    if (!this.#ask(name, ETHTOOL_GLINKSETTINGS, LINK_SETTINGS_MAX, words)) return undefined;
    return bitsPerSecond(this.#words[1] ?? 0);
  }

  close(): void {
    if (this.#fd >= 0) this.#libc.close(this.#fd);
  }

  #ask(name: string, command: number, size: number, maskWords = 0): boolean {
    const bytes = linkNameBytes(name);
    if (this.#fd < 0 || bytes.length >= NAME_SIZE) return false;
    this.#request.fill(0, 0, NAME_SIZE).set(bytes);
    this.#data.fill(0, 0, size);
    this.#words[0] = command;
    if (maskWords > 0) this.#data[MASK_WORDS_AT] = maskWords;
    return this.#libc.ioctl(this.#fd, SIOCETHTOOL, this.#request) >= 0;
  }
}
