/**
 * A subagent of the host's SNMP agent over AgentX (RFC 2741): connects, opens a session, registers, answers; and begins again
 * when the master goes, for as long as it takes.
 */

import { connect, type Socket } from "node:net";
import type { AgentCounters } from "../exposition/snmp/mibs/agent-counters.ts";
import { COLD_START_NOTIFICATION, type Notification, SNMP_TRAP_OID } from "../exposition/snmp/mibs/notification.ts";
import {
  AgentxError,
  HEADER_OCTETS,
  type Header,
  PayloadReader,
  PDU,
  PduWriter,
  readHeader,
} from "../exposition/snmp/protocol/agentx-pdu.ts";
import type { Oid } from "../exposition/snmp/protocol/oid.ts";
import { fullAccess } from "../exposition/snmp/view/agent-tree.ts";
import { answerAgentx } from "../exposition/snmp/view/agentx-responder.ts";
import type { MibView } from "../exposition/snmp/view/mib-view.ts";
import { type Registration, registrations, type SubagentMode } from "../exposition/snmp/view/registrations.ts";
import type { Log } from "../log/log.ts";
import { type AgentxSocket, formatAgentxSocket } from "../net-address/agentx-socket.ts";
import { AwaitedAnswers, type TakeAnswer } from "./awaited-answers.ts";
import { RegisteredRows } from "./registered-rows.ts";

export interface Timing {
  /** Between attempts to connect: the first, doubled up to the last. */
  readonly reconnectMs: number;
  readonly reconnectMaxMs: number;
  /** Between pings; also how often the rows are compared with what is registered. */
  readonly pingMs: number;
  /** Within which the master must answer. */
  readonly answerMs: number;
}

export interface SubagentOptions {
  readonly socket: AgentxSocket;
  readonly mode: SubagentMode;
  /** The MIB as a subagent shows it, for requests. */
  readonly mibView: () => MibView;
  /** The same with the states of now; no counter is read for it. */
  readonly states: () => MibView;
  /** o.descr. */
  readonly description: string;
  /** o.id. */
  readonly id: Oid;
  readonly counters: AgentCounters;
  /** Called when a master is there who passes notifications on, after a time without. */
  readonly onRoom: () => void;
  readonly log: Log;
  readonly timing?: Partial<Timing> | undefined;
}

/** A master that restarts is back within a second or two; one that is gone costs an attempt in half a minute. */
const TIMING: Timing = { reconnectMs: 1000, reconnectMaxMs: 30_000, pingMs: 15_000, answerMs: 10_000 };

/** Seconds that the master waits for us (o.timeout); 0 would be the master's default. */
const ANSWER_SECONDS = 5;

/** Octets of a PDU from the master: a GETBULK of very many names is some ten thousand. */
const PDU_MAX = 1 << 20;
/** Octets that may wait for a master that does not read. */
const UNREAD_MAX = 8 << 20;

/** Kinds of refusal that are remembered: three for each group, and a master that refuses all of thousands is heard. */
const REFUSED_MAX = 1024;

/** noAgentXError, and errors of the session (RFC 2741 section 6.2.16). */
const NO_ERROR = 0;
const NOT_OPEN = 257;
const DUPLICATE = 263;
/** reasonShutdown. */
const SHUTDOWN = 5;

export class Subagent {
  readonly name: string;
  readonly #options: SubagentOptions;
  readonly #timing: Timing;
  #socket: Socket | undefined;
  #session: number | undefined;
  #packet = 0;
  #unread: Buffer = Buffer.alloc(0);
  readonly #awaited: AwaitedAnswers;
  readonly #rows = new RegisteredRows();
  /** What the master refuses, each said once until it is granted. */
  readonly #refused = new Set<string>();
  /** Whether the master had all rows when that was last looked at. */
  #hadRows = false;
  #backoff: number;
  #retry: NodeJS.Timeout | undefined;
  #ping: NodeJS.Timeout | undefined;
  #soon: NodeJS.Immediate | undefined;
  #said = false;
  #closed = false;

  constructor(options: SubagentOptions) {
    this.name = formatAgentxSocket(options.socket);
    this.#options = options;
    this.#timing = { ...TIMING, ...options.timing };
    this.#backoff = this.#timing.reconnectMs;
    this.#awaited = new AwaitedAnswers(this.#timing.answerMs, () => this.#give("the master does not answer"));
  }

  /** Whether a master has all of our rows. */
  get connected(): boolean {
    return this.#session !== undefined && this.#rows.isComplete;
  }

  /** Without a master there is nobody to pass it on: changes wait. With one, the connection takes what it is given. */
  get room(): number {
    return this.#session === undefined ? 0 : Number.POSITIVE_INFINITY;
  }

  start(): void {
    const { socket: where } = this.#options;
    const socket = connect(where.kind === "unix" ? { path: where.path } : { host: where.host, port: where.port });
    this.#socket = socket;
    this.#awaited.expectOne(); // one time for the connection and the session together
    let reason: Error | undefined;
    socket.setNoDelay(true);
    socket.on("connect", () => this.#open());
    socket.on("data", (chunk) => this.#guard(() => this.#receive(chunk)));
    socket.on("error", (error) => {
      reason = error;
    });
    socket.on("close", () => this.#lost(socket, reason));
  }

  /** Groups may have come or gone. Registers once in a turn: whoever calls is in the middle of it, and may call for each group. */
  wake(): void {
    this.#soon ??= setImmediate(() => {
      this.#soon = undefined;
      if (this.#session !== undefined) this.#guard(() => this.#register());
    });
  }

  /** Lets the master notify whoever it knows; it adds its own sysUpTime. */
  notify(notification: Notification, mibView: MibView): void {
    // That the agent started is for the master to tell.
    if (notification === COLD_START_NOTIFICATION) return;
    const { oid, objects, values = [] } = notification;
    if (this.#session === undefined) {
      this.#options.counters.notificationsDropped++;
      return;
    }
    const writer = new PduWriter().varbind(SNMP_TRAP_OID, { syntax: "ObjectIdentifier", value: oid });
    const access = fullAccess(mibView.tree);
    for (const name of objects) {
      const position = mibView.find(name, access);
      const value = position < 0 ? undefined : mibView.value(position);
      if (value) writer.varbind(name, value);
    }
    for (const { name, value } of values) writer.varbind(name, value);
    const { counters } = this.#options;
    this.#ask(PDU.notify, writer, (error) => {
      if (!this.#expect("notify", error)) counters.notificationsDropped++;
    });
    counters.notificationsSent++;
  }

  /** Says good-bye, so that the master drops the rows at once. */
  close(): void {
    this.#closed = true;
    this.#stopWaiting();
    clearTimeout(this.#retry);
    clearImmediate(this.#soon);
    const socket = this.#socket;
    if (socket === undefined) return;
    if (this.#session !== undefined) {
      const writer = new PduWriter().uint8(SHUTDOWN).uint8(0).uint8(0).uint8(0);
      socket.write(writer.finish({ type: PDU.close, session: this.#session, transaction: 0, packet: ++this.#packet }));
    }
    this.#session = undefined;
    socket.destroySoon();
  }

  #open(): void {
    const writer = new PduWriter().uint8(ANSWER_SECONDS).uint8(0).uint8(0).uint8(0);
    writer.objectIdentifier(this.#options.id).octetString(Buffer.from(this.#options.description));
    this.#ask(PDU.open, writer, (error, session) => {
      if (error !== NO_ERROR) throw new AgentxError(`the master refuses a session (error ${error})`);
      this.#session = session;
      this.#register();
      this.#options.onRoom();
      this.#ping = setInterval(() => this.#guard(() => this.#check()), this.#timing.pingMs);
    });
  }

  /** Registers what is new, and takes back what is gone. */
  #register(): void {
    const { states, mode } = this.#options;
    const { added, gone } = this.#rows.follow(registrations(states().context, mode));
    for (const [name, one] of gone)
      this.#ask(PDU.unregister, regionOf(one), (error) => this.#expect(`unregister ${name}`, error));
    for (const [name, one] of added) {
      this.#ask(PDU.register, regionOf(one), (error) => {
        const isGranted = this.#expect(`register ${name}`, error);
        this.#rows.answered(name, one, isGranted ? "granted" : error === DUPLICATE ? "duplicate" : "refused");
        this.#look();
      });
    }
    this.#look();
  }

  /** Whether the master now has all rows. A session is a success only then. */
  #look(): void {
    const before = this.#hadRows;
    this.#hadRows = this.#rows.isComplete;
    if (!this.#hadRows || before) return;
    this.#backoff = this.#timing.reconnectMs;
    this.#said = false;
    this.#options.log.info("AgentX master has all rows", { master: this.name, registrations: this.#rows.wanted });
  }

  #check(): void {
    this.#register();
    this.#ask(PDU.ping, new PduWriter(), (error) => {
      if (error !== NO_ERROR) throw new AgentxError(`the master answers a ping with error ${error}`);
    });
  }

  /** Answers whether the master did it. */
  #expect(what: string, error: number): boolean {
    if (error === NO_ERROR) {
      this.#refused.delete(what);
      return true;
    }
    // After a restart of the master our session is of the one before.
    if (error === NOT_OPEN) throw new AgentxError("the master does not know the session");
    if (!this.#refused.has(what)) this.#options.log.warn("AgentX master refuses", { master: this.name, what, error });
    if (this.#refused.size < REFUSED_MAX) this.#refused.add(what);
    return false;
  }

  #ask(type: number, writer: PduWriter, then: TakeAnswer): void {
    const packet = ++this.#packet;
    this.#awaited.add(packet, then);
    this.#write(writer.finish({ type, session: this.#session ?? 0, transaction: 0, packet }));
  }

  #write(octets: Uint8Array): void {
    const socket = this.#socket;
    if (socket === undefined) return;
    socket.write(octets);
    if (socket.writableLength > UNREAD_MAX) throw new AgentxError("the master does not read");
  }

  /** TCP knows no PDUs: any number of them, and any part of the last one, may have come. */
  #receive(chunk: Buffer): void {
    this.#unread = this.#unread.length === 0 ? chunk : Buffer.concat([this.#unread, chunk]);
    while (this.#unread.length >= HEADER_OCTETS) {
      const header = readHeader(this.#unread);
      if (header.length > PDU_MAX) throw new AgentxError(`a PDU of ${header.length} octets`);
      const end = HEADER_OCTETS + header.length;
      if (this.#unread.length < end) return;
      const payload = new PayloadReader(header, this.#unread.subarray(HEADER_OCTETS, end));
      this.#unread = this.#unread.subarray(end);
      this.#take(header, payload);
    }
  }

  #take(header: Header, payload: PayloadReader): void {
    if (header.type === PDU.response) {
      payload.uint32();
      const error = payload.uint16();
      const take = this.#awaited.come(header.packet);
      if (take === undefined) return;
      if (this.#session !== undefined && header.session !== this.#session)
        throw new AgentxError("a response of another session");
      take(error, header.session);
      if (this.#awaited.hasForgotten(header.packet))
        throw new AgentxError("the master has left a request without an answer");
      return;
    }
    if (header.type === PDU.close) throw new AgentxError("the master closes the session");
    if (header.session !== this.#session) throw new AgentxError("a PDU of another session");
    const mibView = this.#options.mibView();
    const response = answerAgentx(header, payload, mibView, fullAccess(mibView.tree));
    if (response) this.#write(response);
  }

  /** What goes wrong with one session ends that session and nothing else. */
  #guard(act: () => void): void {
    try {
      act();
    } catch (error) {
      if (!(error instanceof AgentxError)) this.#options.log.error("AgentX request failed", { error });
      this.#give(error instanceof Error ? error.message : String(error));
    }
  }

  #give(reason: string): void {
    this.#socket?.destroy(new AgentxError(reason));
  }

  #lost(socket: Socket, reason: Error | undefined): void {
    if (this.#socket !== socket) return;
    this.#socket = undefined;
    this.#session = undefined;
    this.#stopWaiting();
    this.#rows.clear();
    this.#hadRows = false;
    this.#unread = Buffer.alloc(0);
    if (this.#closed) return;
    // Once for each time that it goes, not for each attempt.
    if (!this.#said)
      this.#options.log.warn("AgentX master not reached", { master: this.name, reason: reason?.message });
    this.#said = true;
    this.#retry = setTimeout(() => this.start(), this.#backoff);
    this.#backoff = Math.min(2 * this.#backoff, this.#timing.reconnectMaxMs);
  }

  #stopWaiting(): void {
    clearInterval(this.#ping);
    this.#awaited.clear();
  }
}

/** The payload of Register and Unregister: they differ in the first octet, which Unregister does not use. */
function regionOf({ subtree, rangeSubid, upper, priority }: Registration): PduWriter {
  const writer = new PduWriter().uint8(0).uint8(priority).uint8(rangeSubid).uint8(0).objectIdentifier(subtree);
  return rangeSubid === 0 ? writer : writer.uint32(upper);
}
