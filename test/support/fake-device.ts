/**
 * A device that answers over SNMP v1 and v2c as it is told: a real agent's manners by default, any other where a test wants a device that is
 * broken or hostile. Its interfaces are objects that a test changes.
 *
 *   const device = await FakeDevice.start(t);
 *   device.add(7, "eth0").inOctets = 100n;
 *   device.target                                  // "udp:127.0.0.1:40123"
 *   device.misbehave = () => undefined;            // silence
 */

import { createSocket, type RemoteInfo, type Socket } from "node:dgram";
import { once } from "node:events";
import { TAG } from "#src/exposition/snmp/protocol/ber-reader.js";
import { BerWriter } from "#src/exposition/snmp/protocol/ber-writer.js";
import {
  readCommunityMessage,
  readMessage,
  VERSION,
  wrapCommunityMessage,
} from "#src/exposition/snmp/protocol/message.js";
import { type Pdu, readPdu, wrapPdu } from "#src/exposition/snmp/protocol/pdu.js";
import { type TypedValue, WRITE } from "#src/exposition/snmp/protocol/syntax.js";
import type { Hooks } from "./netns.ts";

export interface FakeInterface {
  readonly ifindex: number;
  name: string;
  descr: string;
  type: number;
  operStatus: number;
  adminStatus: number;
  /** Mbit/s. */
  highSpeed: number;
  discontinuity: number;
  inOctets: bigint;
  outOctets: bigint;
  inPackets: bigint;
  outPackets: bigint;
  inErrors: bigint;
}

/** A value as it stands in an answer: of a type of SNMP, or octets that pretend to be of one. */
export type Value = TypedValue | { readonly tag: number; readonly octets: Uint8Array };

/** What the device was asked. */
export interface Request {
  readonly pdu: Pdu;
  readonly names: readonly string[];
  readonly from: RemoteInfo;
}

/** One answer, as the device would send it. */
export interface Reply {
  readonly status: number;
  readonly varbinds: readonly (readonly [oid: string, value: Value])[];
}

const IF_ENTRY = "1.3.6.1.2.1.2.2.1";
const IFX_ENTRY = "1.3.6.1.2.1.31.1.1.1";
export const NO_SUCH_INSTANCE: Value = { tag: TAG.noSuchInstance, octets: new Uint8Array() };
const END_OF_MIB: Value = { tag: TAG.endOfMibView, octets: new Uint8Array() };

const counter64 = (value: bigint): Value => ({ syntax: "Counter64", value: BigInt.asUintN(64, value) });
const counter32 = (value: bigint): Value => ({ syntax: "Counter32", value: Number(BigInt.asUintN(32, value)) });
const gauge = (value: number): Value => ({ syntax: "Gauge32", value });
const integer = (value: number): Value => ({ syntax: "Integer32", value });
const string = (value: string): Value => ({ syntax: "OctetString", value });
const ticks = (value: number): Value => ({ syntax: "TimeTicks", value });

export class FakeDevice {
  readonly interfaces = new Map<number, FakeInterface>();
  /** Objects beside those of the interfaces, by OID. */
  readonly more = new Map<string, Value>();
  /** Every request so far. */
  readonly requests: Request[] = [];
  community = "public";
  /** Whether it has ifXTable. */
  hasIfXTable = true;
  /** Varbinds beyond which it says tooBig. */
  most = 200;
  engine: Uint8Array | undefined = Uint8Array.from([0x80, 0, 0, 9, 3, 1, 2, 3]);
  /** Milliseconds since 1970 at which its agent was started. */
  startedMs = Date.now() - 100_000_000;
  tableChanged = 0;
  /** In place of an answer: octets, or nothing. Undefined: it behaves. */
  misbehave:
    | ((request: Request, proper: Uint8Array, send: (octets: Uint8Array) => void) => Uint8Array | undefined)
    | undefined;
  /** Changes its answers. */
  twist: ((request: Request, reply: Reply) => Reply) | undefined;
  readonly #socket: Socket;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("message", (datagram, from) => this.#answer(datagram, from));
  }

  static async start(hooks: Hooks, port = 0, address = "127.0.0.1"): Promise<FakeDevice> {
    const socket = createSocket("udp4");
    socket.bind(port, address);
    await once(socket, "listening");
    const device = new FakeDevice(socket);
    hooks.after(() => device.stop());
    return device;
  }

  get port(): number {
    return this.#socket.address().port;
  }

  get target(): string {
    return `udp:127.0.0.1:${this.port}`;
  }

  add(ifindex: number, name: string): FakeInterface {
    const made: FakeInterface = {
      ifindex,
      name,
      descr: `port ${name}`,
      type: 6,
      operStatus: 1,
      adminStatus: 1,
      highSpeed: 10_000,
      discontinuity: 0,
      inOctets: 0n,
      outOctets: 0n,
      inPackets: 0n,
      outPackets: 0n,
      inErrors: 0n,
    };
    this.interfaces.set(ifindex, made);
    return made;
  }

  get sysUpTime(): number {
    return Math.floor((Date.now() - this.startedMs) / 10) % 4_294_967_296;
  }

  stop(): void {
    try {
      this.#socket.close();
    } catch {
      // It has been closed already.
    }
  }

  /** All objects of now; of `ifindexes` alone, where some are given. */
  objects(ifindexes: Iterable<number> = this.interfaces.keys()): readonly (readonly [string, Value])[] {
    const all: [string, Value][] = [["1.3.6.1.2.1.1.3.0", ticks(this.sysUpTime)], ...this.more];
    if (this.engine) all.push(["1.3.6.1.6.3.10.2.1.1.0", { syntax: "OctetString", value: this.engine }]);
    if (this.hasIfXTable) all.push(["1.3.6.1.2.1.31.1.5.0", ticks(this.tableChanged)]);
    for (const ifindex of ifindexes) {
      const one = this.interfaces.get(ifindex);
      if (one) all.push(...columnsOf(one, this.hasIfXTable));
    }
    return all;
  }

  #answer(datagram: Uint8Array, from: RemoteInfo): void {
    let request: Request;
    let version: 0 | 1;
    try {
      const { version: said, body } = readMessage(datagram);
      if (said !== VERSION.v1 && said !== VERSION.v2c) return;
      version = said;
      const { community, pdu: reader } = readCommunityMessage(version, body);
      if (Buffer.from(community).toString() !== this.community) return;
      const pdu = readPdu(reader);
      request = { pdu, names: pdu.names.map((name) => name.join(".")), from };
    } catch {
      return; // no message, or none that it understands
    }
    this.requests.push(request);
    const reply = this.#replyTo(request, version);
    const { status, varbinds } = this.twist?.(request, reply) ?? reply;
    const proper = encode(version, this.community, request.pdu.requestId, status, varbinds);
    const send = (octets: Uint8Array) => this.#socket.send(octets, from.port, from.address, () => {});
    const sent = this.misbehave ? this.misbehave(request, proper, send) : proper;
    if (sent) send(sent);
  }

  #replyTo({ pdu, names }: Request, version: 0 | 1): Reply {
    const unchanged = names.map((name) => [name, NO_SUCH_INSTANCE] as const);
    if (names.length > this.most) return { status: 1, varbinds: unchanged };
    const isGet = pdu.type === TAG.getRequest;
    const asked = new Set(names.map((name) => Number(name.slice(name.lastIndexOf(".") + 1))));
    const objects = isGet ? this.objects(asked) : this.objects().toSorted(([a], [b]) => compare(a, b));
    const after = (name: string) => objects.find(([oid]) => compare(oid, name) > 0) ?? ([name, END_OF_MIB] as const);
    const values = new Map(objects);
    const varbinds: (readonly [string, Value])[] = [];
    if (isGet) for (const name of names) varbinds.push([name, values.get(name) ?? NO_SUCH_INSTANCE]);
    else if (pdu.type === TAG.getNextRequest) for (const name of names) varbinds.push(after(name));
    else {
      let [at = ""] = names;
      for (let n = 0; n < pdu.second; n++) {
        const next = after(at);
        varbinds.push(next);
        if (next[1] === END_OF_MIB) break;
        [at] = next;
      }
    }
    const hasException = varbinds.some(([, value]) => value === NO_SUCH_INSTANCE || value === END_OF_MIB);
    if (version === VERSION.v1 && hasException) return { status: 2, varbinds: unchanged };
    return { status: 0, varbinds };
  }
}

function columnsOf(one: FakeInterface, hasIfXTable: boolean): [string, Value][] {
  const { ifindex, name, descr, type, operStatus, adminStatus, highSpeed, discontinuity } = one;
  const { inOctets, outOctets, inPackets, outPackets, inErrors } = one;
  const row = (entry: string, columns: readonly (readonly [number, Value])[]) =>
    columns.map(([column, value]): [string, Value] => [`${entry}.${column}.${ifindex}`, value]);
  const base = row(IF_ENTRY, [
    [1, integer(ifindex)],
    [2, string(descr)],
    [3, integer(type)],
    [4, integer(1500)],
    [5, gauge(Math.min(highSpeed * 1_000_000, 4_294_967_295))],
    [6, { syntax: "OctetString", value: Uint8Array.from([2, 0, 0, 0, 0, ifindex & 0xff]) }],
    [7, integer(adminStatus)],
    [8, integer(operStatus)],
    [10, counter32(inOctets)],
    [11, counter32(inPackets)],
    [12, counter32(0n)],
    [14, counter32(inErrors)],
    [16, counter32(outOctets)],
    [17, counter32(outPackets)],
    [18, counter32(0n)],
    [20, counter32(0n)],
  ]);
  if (!hasIfXTable) return base;
  const extended = row(IFX_ENTRY, [
    [1, string(name)],
    [2, counter32(0n)],
    [3, counter32(0n)],
    [4, counter32(0n)],
    [5, counter32(0n)],
    [6, counter64(inOctets)],
    [7, counter64(inPackets)],
    [8, counter64(0n)],
    [9, counter64(0n)],
    [10, counter64(outOctets)],
    [11, counter64(outPackets)],
    [12, counter64(0n)],
    [13, counter64(0n)],
    [15, gauge(highSpeed)],
    [18, string("")],
    [19, ticks(discontinuity)],
  ]);
  return [...base, ...extended];
}

/** A message with these varbinds. */
export function encode(
  version: 0 | 1,
  community: string,
  requestId: number,
  status: number,
  varbinds: readonly (readonly [string, Value])[],
): Uint8Array {
  const list = varbinds.map(([oid, value]) => {
    const ber = new BerWriter(0);
    if ("tag" in value) ber.octetString(value.octets, value.tag);
    else write(ber, value);
    ber.objectIdentifier(oid.split(".").map(Number));
    ber.wrap(TAG.sequence);
    return Buffer.from(ber.content());
  });
  const content = Buffer.concat(list);
  const ber = new BerWriter(content.length);
  ber.append(content, 0, content.length);
  wrapPdu(ber, TAG.response, requestId, status, status === 0 ? 0 : 1);
  wrapCommunityMessage(ber, version, Buffer.from(community));
  return Buffer.from(ber.content());
}

function write<S extends TypedValue["syntax"]>(
  ber: BerWriter,
  { syntax, value }: Extract<TypedValue, { syntax: S }>,
): void {
  (WRITE[syntax] as (ber: BerWriter, value: unknown) => void)(ber, value); // value and syntax belong together
}

function compare(a: string, b: string): number {
  const [left, right] = [sortKey(a), sortKey(b)];
  return left < right ? -1 : left > right ? 1 : 0;
}

const SORT_KEYS = new Map<string, string>();
/** Digits of the largest subidentifier. */
const WIDTH = 10;

/** An OID as text that sorts as OIDs do: a device with many interfaces compares the same ones over and over. */
function sortKey(oid: string): string {
  let key = SORT_KEYS.get(oid);
  if (key === undefined) {
    key = oid
      .split(".")
      .map((part) => part.padStart(WIDTH, "0"))
      .join(".");
    SORT_KEYS.set(oid, key);
  }
  return key;
}
