/**
 * A flood of mutated requests against an agent on this host, and what happens meanwhile to a manager that asks properly.
 *
 * The flood waits for the agent in batches, so that every datagram is one that the agent took, and none that the kernel threw
 * away: a proper request behind each batch is answered when the batch is done.
 */

import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { setTimeout as wait } from "node:timers/promises";
import { TAG } from "#src/exposition/snmp/protocol/ber-reader.js";
import { LocalizedUser, type UsmUser } from "#src/snmp/usm.js";
import { numberOf, readReply, request, type Varbind } from "../exposition/snmp/manager.ts";
import { generator, mutate } from "../snmp/mutation.ts";
import { sealed } from "../snmp/v3-manager.ts";

export interface FloodOptions {
  readonly port: number;
  /** Mutated datagrams. */
  readonly count: number;
  readonly seed: number;
  /** A user of the agent with both protocols, so that half of the messages of version 3 are proven. */
  readonly user: UsmUser;
}

export interface FloodOutcome {
  readonly sent: number;
  /** Datagrams that the agent counted (snmpInPkts) less our own proper requests. */
  readonly taken: number;
  /** Replies to mutated datagrams: some are still requests. */
  readonly replies: number;
  readonly seconds: number;
  /** Of each proper request during the flood, ms, ascending. */
  readonly answered: readonly number[];
  /** Proper requests that were not answered. */
  readonly lost: number;
}

const BATCH = 100;
/** Milliseconds between proper requests. */
const PROBE_EVERY = 10;
const LOST_AFTER = 5000;

const SYS_NAME = "1.3.6.1.2.1.1.5.0";
const IN_PKTS = "1.3.6.1.2.1.11.1.0";
const ENGINE = { id: "1.3.6.1.6.3.10.2.1.1.0", boots: "1.3.6.1.6.3.10.2.1.2.0", time: "1.3.6.1.6.3.10.2.1.3.0" };
const TABLES = ["1.3.6.1.2.1.2.2", "1.3.6.1.2.1.31.1.1", "1.3.6.1.4.1"];

async function connected(port: number): Promise<Socket> {
  const socket = createSocket("udp4");
  socket.connect(port, "127.0.0.1");
  await once(socket, "connect");
  return socket;
}

/** Asks one thing at a time. */
class Manager {
  asked = 0;
  readonly #socket: Socket;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  /** @throws Error when there is no answer. */
  async get(...names: readonly string[]): Promise<readonly Varbind[]> {
    const requestId = ++this.asked;
    this.#socket.send(request({ names, requestId }));
    const signal = AbortSignal.timeout(LOST_AFTER);
    for (;;) {
      const [datagram] = (await once(this.#socket, "message", { signal })) as [Buffer];
      const reply = readReply(datagram);
      // The answer to an earlier one may come late.
      if (reply.requestId === requestId) return reply.varbinds;
    }
  }

  /** snmpInPkts, and how many of them were ours. Waits for the agent's next snapshot, so that it is the count of now. */
  async packets(): Promise<{ readonly count: number; readonly asked: number }> {
    const read = async () => {
      const [value] = await this.get(IN_PKTS);
      return value ? Number(numberOf(value)) : Number.NaN;
    };
    const old = await read();
    for (;;) {
      const count = await read();
      if (count !== old) return { count, asked: this.asked };
      await wait(PROBE_EVERY);
    }
  }
}

/** Proper requests of every kind, of which the flood is made. */
async function originals(manager: Manager, user: UsmUser) {
  const [id, boots, time] = await manager.get(ENGINE.id, ENGINE.boots, ENGINE.time);
  if (!id || !boots || !time) throw new Error("the agent does not say who it is");
  const engineId = Uint8Array.from(id.content);
  const own = { user, keys: new LocalizedUser(user, engineId), engineId };
  const at = { ...own, boots: Number(numberOf(boots)), time: Number(numberOf(time)) };
  const community = [
    request({ names: [SYS_NAME] }),
    request({ names: TABLES, type: TAG.getNextRequest }),
    request({ names: TABLES, type: TAG.getBulkRequest, first: 1, second: 10 }),
    request({ names: [SYS_NAME], type: TAG.setRequest }),
    request({ names: TABLES, type: TAG.getNextRequest, version: 0 }),
    request({ names: [SYS_NAME], type: TAG.getRequest, community: "private" }),
  ];
  const proven = [
    sealed(at),
    sealed({ ...at, names: TABLES, type: TAG.getBulkRequest, second: 10 }),
    sealed({ ...at, engineId: new Uint8Array(0), name: "", flags: 4 }),
  ];
  /** Proven and encrypted as it should be, and wrong inside. */
  const wrongInside = (random: (below: number) => number) =>
    sealed({ ...at, names: TABLES, type: TAG.getBulkRequest, second: 5, spoilPdu: (pdu) => mutate(pdu, random) });
  return { plain: [...community, ...proven], wrongInside };
}

/** @throws Error when the agent does not answer before or after the flood. */
export async function flood({ port, count, seed, user }: FloodOptions): Promise<FloodOutcome> {
  const random = generator(seed);
  const sockets = await Promise.all([connected(port), connected(port), connected(port)]);
  const [flooding, behind, beside] = sockets;
  let replies = 0;
  flooding.on("message", () => replies++);
  const fence = new Manager(behind);
  const prober = new Manager(beside);
  const { plain, wrongInside } = await originals(fence, user);
  const before = await fence.packets();
  const began = performance.now();
  let done = false;
  const answered: number[] = [];
  let lost = 0;
  const probing = (async () => {
    while (!done) {
      const sent = performance.now();
      try {
        await prober.get(SYS_NAME);
        answered.push(performance.now() - sent);
      } catch {
        lost++;
      }
      await wait(PROBE_EVERY);
    }
  })();
  for (let sent = 0; sent < count; ) {
    for (let i = 0; i < BATCH && sent < count; i++, sent++) {
      const datagram =
        random(4) === 0 ? wrongInside(random) : mutate(plain[random(plain.length)] ?? new Uint8Array(0), random);
      // A datagram of no octets cannot be told from none.
      flooding.send(datagram.length > 0 ? datagram : Buffer.of(0));
    }
    await fence.get(SYS_NAME);
  }
  const seconds = (performance.now() - began) / 1000;
  done = true;
  await probing;
  const after = await fence.packets();
  const taken = after.count - before.count - (after.asked - before.asked) - prober.asked;
  for (const socket of sockets) socket.close();
  return { sent: count, taken, replies, seconds, answered: answered.toSorted((a, b) => a - b), lost };
}
