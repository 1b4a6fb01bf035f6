/** struct sockaddr_in and sockaddr_in6 (ip(7), ipv6(7)): IP addresses and ports as the C library takes and gives them. */

import { type IpAddress, type IpFamily, ipAddressOf, ipOctets } from "../net-address/ip-address.ts";
import { AF_OF, ipFamilyOf } from "../os/socket.ts";

/** Where the address stands. */
const OCTETS = { ipv4: [4, 8], ipv6: [8, 24] } as const;

/** Bytes of the larger of the two. */
export const SOCKET_ADDRESS_MAX = 28;

/** `scope` is the ifindex on which a link-local address is meant. */
export function socketAddress(family: IpFamily, address: string, port: number, scope: number): Uint8Array {
  const bytes = new Uint8Array(family === "ipv4" ? 16 : SOCKET_ADDRESS_MAX);
  new Uint16Array(bytes.buffer)[0] = AF_OF[family]; // in the machine's own order
  setPort(bytes, port);
  bytes.set(ipOctets(address) ?? [], OCTETS[family][0]);
  if (family === "ipv6") new Uint32Array(bytes.buffer)[6] = scope; // likewise
  return bytes;
}

function setPort(bytes: Uint8Array, port: number): void {
  bytes[2] = port >> 8;
  bytes[3] = port & 0xff;
}

export interface Peer {
  readonly address: IpAddress;
  readonly port: number;
}

interface Known {
  readonly text: string;
  readonly address: IpAddress | undefined;
  readonly bytes: Uint8Array;
}

/** More than anybody probes from one socket. */
const KEPT = 64;

/** The socket addresses of those to whom one socket sends: each is written once, and known again when it answers. */
export class Peers {
  readonly #family: IpFamily;
  readonly #scope: number;
  readonly #from: number;
  readonly #to: number;
  /** A list, because most often there is one. */
  readonly #known: Known[] = [];

  constructor(family: IpFamily, scope: number) {
    this.#family = family;
    this.#scope = scope;
    [this.#from, this.#to] = OCTETS[family];
  }

  /** Good until the next call. */
  write(address: string, port: number): Uint8Array {
    const { bytes } = this.#known.find(({ text }) => text === address) ?? this.#add(address);
    setPort(bytes, port);
    return bytes;
  }

  /** Whose socket address begins at `start`; undefined when it is of another family. */
  read(bytes: Uint8Array, start = 0): Peer | undefined {
    if (ipFamilyOf(familyOf(bytes, start)) !== this.#family) return undefined;
    const address = this.#find(bytes, start) ?? ipAddressOf(bytes.subarray(start + this.#from, start + this.#to));
    return address && { address, port: ((bytes[start + 2] ?? 0) << 8) | (bytes[start + 3] ?? 0) };
  }

  #add(text: string): Known {
    if (this.#known.length >= KEPT) this.#known.length = 0;
    const bytes = socketAddress(this.#family, text, 0, this.#scope);
    const known = { text, address: ipAddressOf(bytes.subarray(this.#from, this.#to)), bytes };
    this.#known.push(known);
    return known;
  }

  #find(bytes: Uint8Array, start: number): IpAddress | undefined {
    for (const { address, bytes: known } of this.#known) {
      let at = this.#from;
      while (at < this.#to && known[at] === bytes[start + at]) at++;
      if (at === this.#to) return address;
    }
    return undefined;
  }
}

/** In the machine's own order. */
function familyOf(bytes: Uint8Array, start: number): number {
  const [first = 0, second = 0] = [bytes[start], bytes[start + 1]];
  return first === 0 ? second : first; // the number of a family is below 256
}
