/**
 * A program: walks the agent on UDP port 1161 of lo again and again, in every way there is, and says what it found, one line of
 * JSON a round. A test starts it inside a network namespace.
 *
 * Each walk must go on in strictly increasing order to the end. When neither rows, membership nor addresses changed from the begin
 * of a round to its end, all walks must have found the same names, and a GET of each name the same type.
 */

import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { TAG } from "#src/exposition/snmp/protocol/ber-reader.js";
import { compareOids, type Oid, oid } from "#src/exposition/snmp/protocol/oid.js";
import { numberOf, type Reply, readReply, request } from "../exposition/snmp/manager.ts";

export interface Round {
  readonly names: number;
  /** Whether rows or membership changed meanwhile. */
  readonly changed: boolean;
  /** What should not be; empty when all is well. */
  readonly faults: readonly string[];
}

const PORT = 1161;
const REPETITIONS = [1, 7, 50, 2_147_483_647];
const AT_ONCE = 30;
/** ifTableLastChange and ifStackLastChange. */
const MARKS = ["1.3.6.1.2.1.31.1.5.0", "1.3.6.1.2.1.31.1.6.0"];
const FIRST: Oid = [0, 0];

class Walker {
  readonly #socket: Socket = createSocket("udp4");
  #id = 0;

  async ask(type: number, names: readonly (string | Oid)[], second = 0): Promise<Reply> {
    const requestId = ++this.#id;
    this.#socket.send(request({ type, names, requestId, second }), PORT, "127.0.0.1");
    const [datagram] = (await once(this.#socket, "message", { signal: AbortSignal.timeout(10_000) })) as [Buffer];
    const reply = readReply(datagram);
    if (reply.requestId !== requestId || reply.status !== 0) {
      throw new Error(`request ${requestId}: reply ${reply.requestId}, error-status ${reply.status}`);
    }
    return reply;
  }

  async marks(): Promise<string> {
    const { varbinds } = await this.ask(TAG.getRequest, MARKS);
    return varbinds.map((varbind) => numberOf(varbind)).join(" ");
  }

  /** Every instance, by GETNEXT, or by GETBULK with that many repetitions. */
  async walk(repetitions: number | undefined, faults: string[]): Promise<Map<string, number>> {
    const found = new Map<string, number>();
    let last = FIRST;
    for (;;) {
      const type = repetitions === undefined ? TAG.getNextRequest : TAG.getBulkRequest;
      const { varbinds } = await this.ask(type, [last], repetitions);
      if (varbinds.length === 0) throw new Error(`an empty reply behind ${last.join(".")}`);
      for (const { name, tag } of varbinds) {
        if (tag === TAG.endOfMibView) return found;
        const next = oid(name);
        if (compareOids(last, next) >= 0) faults.push(`${name} behind ${last.join(".")}`);
        found.set(name, tag);
        last = next;
      }
    }
  }

  async get(names: readonly string[]): Promise<Map<string, number>> {
    const found = new Map<string, number>();
    for (let from = 0; from < names.length; from += AT_ONCE) {
      const { varbinds } = await this.ask(TAG.getRequest, names.slice(from, from + AT_ONCE));
      for (const { name, tag } of varbinds) found.set(name, tag);
    }
    return found;
  }

  async round(): Promise<Round> {
    const faults: string[] = [];
    const before = await this.marks();
    const reference = await this.walk(undefined, faults);
    const others = new Map<string, Map<string, number>>();
    for (const repetitions of REPETITIONS) {
      others.set(`GETBULK of ${repetitions}`, await this.walk(repetitions, faults));
    }
    others.set("GET", await this.get([...reference.keys()]));
    // Addresses come and go without a mark: a link that is deleted loses them first.
    const after = await this.walk(undefined, faults);
    const changed = (await this.marks()) !== before || [...reference.keys()].join() !== [...after.keys()].join();
    if (!changed) for (const [how, other] of others) compare(how, reference, other, faults);
    return { names: reference.size, changed, faults };
  }
}

function compare(how: string, reference: Map<string, number>, other: Map<string, number>, faults: string[]): void {
  if (reference.size !== other.size) faults.push(`${how} finds ${other.size} names, GETNEXT ${reference.size}`);
  for (const [name, tag] of reference) {
    if (other.get(name) !== tag) faults.push(`${how} has type ${other.get(name)} at ${name}, GETNEXT ${tag}`);
  }
}

const walker = new Walker();
for (;;) console.log(JSON.stringify(await walker.round()));
