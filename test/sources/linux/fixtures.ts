/** The captured answers of a real kernel (test/fixtures/linux/README.md), and building messages of our own. */

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { LINK_SCHEMA } from "#src/sources/linux/link-counters.js";
import { eachMessage, type Frame, frameOf, type Message } from "#src/sources/linux/netlink-wire.js";
import { root } from "../../support/root.ts";

export function bytesOf(name: string): Uint8Array {
  return readFileSync(root("test", "fixtures", "linux", `${name}.bin`));
}

export function jsonOf<T>(name: string): T {
  return JSON.parse(readFileSync(root("test", "fixtures", "linux", `${name}.json`), "utf8")) as T; // ip(8)'s own format
}

/** What `parse` makes of each message, leaving out undefined. */
export function parseAll<T>(bytes: Uint8Array, parse: (frame: Frame, message: Message) => T | undefined): T[] {
  const frame = frameOf(bytes);
  const parsed: T[] = [];
  eachMessage(frame, bytes.length, (message) => {
    const value = parse(frame, message);
    if (value !== undefined) parsed.push(value);
    return true;
  });
  return parsed;
}

/** A row of `ip -s -j -d link`. */
export interface IpLinkRow {
  readonly ifindex: number;
  readonly ifname: string;
  readonly ifalias?: string;
  readonly flags: readonly string[];
  readonly mtu: number;
  readonly operstate: string;
  readonly link_type: string;
  readonly address: string;
  readonly master?: string;
  readonly linkinfo?: { readonly info_kind?: string };
  readonly stats64: Readonly<Record<"rx" | "tx", Readonly<Record<string, number>>>>;
}

export function ipLinks(): readonly IpLinkRow[] {
  return jsonOf<readonly IpLinkRow[]>("ip-link");
}

/** The statistics that `ip -s -j` prints under a name of their own; drops are in no single one of ours. */
export function ipCounters({ stats64: { rx, tx } }: Pick<IpLinkRow, "stats64">): Record<string, bigint> {
  const of = (value: number | undefined) => BigInt(value ?? -1);
  return {
    obytes: of(tx["bytes"]),
    obytes64: of(tx["bytes"]),
    rbytes: of(rx["bytes"]),
    rbytes64: of(rx["bytes"]),
    opackets: of(tx["packets"]),
    opackets64: of(tx["packets"]),
    oerrors: of(tx["errors"]),
    ipackets: of(rx["packets"]),
    ipackets64: of(rx["packets"]),
    ierrors: of(rx["errors"]),
    multircv: of(rx["multicast"]),
    noxmtbuf: of(tx["dropped"]),
    collisions: of(tx["collisions"]),
  };
}

/** Counters by name, only those that `ipCounters` has. */
export function comparable(counters: BigUint64Array | undefined, schema = LINK_SCHEMA): Record<string, bigint> {
  const names = Object.keys(ipCounters({ stats64: { rx: {}, tx: {} } }));
  return Object.fromEntries(names.map((name) => [name, counters?.[schema.indexOf(name) ?? -1] ?? -1n]));
}

/** A message: its header and body, padded. */
export function message(type: number, body: Uint8Array, { flags = 0, sequence = 0 } = {}): Uint8Array {
  const bytes = new Uint8Array(16 + padded(body.length));
  const view = new DataView(bytes.buffer);
  view.setUint32(0, 16 + body.length, LITTLE);
  view.setUint16(4, type, LITTLE);
  view.setUint16(6, flags, LITTLE);
  view.setUint32(8, sequence, LITTLE);
  bytes.set(body, 16);
  return bytes;
}

export function attribute(type: number, payload: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(padded(4 + payload.length));
  const view = new DataView(bytes.buffer);
  view.setUint16(0, 4 + payload.length, LITTLE);
  view.setUint16(2, type, LITTLE);
  bytes.set(payload, 4);
  return bytes;
}

export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(Buffer.concat(parts));
}

export function words(...values: readonly number[]): Uint8Array {
  return new Uint8Array(Uint32Array.from(values).buffer);
}

export function text(value: string): Uint8Array {
  return new TextEncoder().encode(`${value}\0`);
}

const LITTLE = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1;

function padded(length: number): number {
  return (length + 3) & ~3;
}

/** The captured /proc and /sys, written out so that a test may change them. `only` chooses by path. */
export class Tree {
  readonly folder = mkdtempSync(join(tmpdir(), "proc-sys-"));

  constructor(hooks: { after(hook: () => void): void }, only: (path: string) => boolean = () => true) {
    hooks.after(() => rmSync(this.folder, { recursive: true }));
    for (const [path, content] of Object.entries(jsonOf<Record<string, string>>("files"))) {
      if (only(path)) this.write(path, content);
    }
  }

  get procfs(): string {
    return join(this.folder, "proc");
  }

  get sysfs(): string {
    return join(this.folder, "sys");
  }

  read(path: string): string {
    return readFileSync(join(this.folder, path), "utf8");
  }

  write(path: string, content: string): void {
    mkdirSync(dirname(join(this.folder, path)), { recursive: true });
    writeFileSync(join(this.folder, path), content);
  }

  /** Replaces in a file. */
  edit(path: string, change: (content: string) => string): void {
    this.write(path, change(this.read(path)));
  }

  remove(path: string): void {
    rmSync(join(this.folder, path), { recursive: true });
  }
}
