/**
 * One receiver of notifications: traps are sent and forgotten, informs are sent again until the receiver acknowledges them. An
 * inform of version 3 is made for the receiver's engine, which is asked first who it is (receiver-engine.ts).
 */

import type { AgentCounters } from "../exposition/snmp/mibs/agent-counters.ts";
import { REPORT_OBJECT } from "../exposition/snmp/mibs/framework-mib.ts";
import { type Notification, writeNotification, writeTrapV1 } from "../exposition/snmp/mibs/notification.ts";
import { BerError, BerReader, TAG } from "../exposition/snmp/protocol/ber-reader.ts";
import { BerWriter } from "../exposition/snmp/protocol/ber-writer.ts";
import { readMessage, VERSION, wrapCommunityMessage } from "../exposition/snmp/protocol/message.ts";
import { compareOids } from "../exposition/snmp/protocol/oid.ts";
import { ERROR, type Pdu, readPdu, wrapPdu } from "../exposition/snmp/protocol/pdu.ts";
import { FLAG, readHeader, readScopedPdu, readSecurityParameters } from "../exposition/snmp/protocol/v3-message.ts";
import type { MibView } from "../exposition/snmp/view/mib-view.ts";
import type { Log } from "../log/log.ts";
import type { IpAddress } from "../net-address/ip-address.ts";
import type { SnmpEndpoint } from "../net-address/snmp-endpoint.ts";
import type { HostAddresses } from "../snapshot/host-addresses.ts";
import type { EngineIdentity } from "./engine-identity.ts";
import { NotificationSocket } from "./notification-socket.ts";
import { ReceiverEngine } from "./receiver-engine.ts";
import { LocalizedUser, Salts, type UsmUser } from "./usm.ts";
import { seal } from "./v3-seal.ts";

/** How an inform is repeated: the time to the second attempt, doubled after each, and how many there are. */
export interface Retry {
  readonly timeoutMs: number;
  readonly attempts: number;
}

export interface TargetOptions {
  readonly endpoint: SnmpEndpoint;
  /** Undefined: the route's. */
  readonly sourceAddress: IpAddress | undefined;
  readonly hostAddresses: HostAddresses;
  readonly type: "trap" | "inform";
  readonly credential:
    | { readonly version: 1 | 2; readonly community: string }
    | { readonly version: 3; readonly user: UsmUser };
  readonly retry?: Retry | undefined;
  /** Called when another notification can be taken that could not be before. */
  readonly onRoom: () => void;
  readonly engine: EngineIdentity & { readonly time: () => number };
  readonly counters: AgentCounters;
  readonly log: Log;
}

/** Informs that one receiver has not acknowledged yet: no more than the buffer of its socket holds. */
const WAITING_MAX = 100;
/** A dead receiver is given up after 1 + 2 + 4 + 8 s. (SNMP-TARGET-MIB's defaults are 15 s and three more attempts.) */
const DEFAULT_RETRY: Retry = { timeoutMs: 1000, attempts: 4 };
/** Octets: a notification has a handful of varbinds. */
const FRAME_OCTETS = 16_384;
const MAX_SIZE = 16_384;
const EMPTY = new Uint8Array(0);

interface Waiting {
  readonly requestId: number;
  readonly pdu: Uint8Array;
  /** msgID of each message that it was sent in, with version 3. */
  readonly messageIds: Set<number>;
  attempt: number;
  /** Whether it was sent once more in this attempt, because the receiver said what was wrong with the last message. */
  isRepeated: boolean;
  timer: NodeJS.Timeout | undefined;
}

export class NotificationTarget {
  readonly name: string;
  readonly #options: TargetOptions;
  readonly #retry: Retry;
  readonly #socket: NotificationSocket;
  readonly #ber = new BerWriter(FRAME_OCTETS);
  readonly #salts = new Salts();
  readonly #waiting = new Map<number, Waiting>();
  /** The user at our own engine, for traps: there the sender's clock and keys count. */
  readonly #localUser: LocalizedUser | undefined;
  /** The receiver as an engine, for informs of version 3. */
  readonly #receiver: ReceiverEngine | undefined;
  /** The question who is there that waits for an answer: its msgID, and when it was asked, in milliseconds of performance.now(). */
  #question = { id: 0, askedAt: Number.NEGATIVE_INFINITY };
  /** Why the receiver refused the last inform, by the name of the counter that it reported. */
  #refusal: string | undefined;
  #nextId = 1 + Math.floor(Math.random() * 0x3fff_ffff);

  /** @throws RangeError when a password is too short. */
  constructor(options: TargetOptions) {
    this.#options = options;
    this.#retry = options.retry ?? DEFAULT_RETRY;
    const { credential, engine, endpoint, sourceAddress, hostAddresses, onRoom, log } = options;
    if (credential.version === 3) {
      this.#localUser = new LocalizedUser(credential.user, engine.id);
      this.#receiver = new ReceiverEngine(credential.user, this.#retry.timeoutMs, engine.time);
    }
    this.#socket = new NotificationSocket({
      endpoint,
      sourceAddress,
      hostAddresses,
      receive: (datagram) => this.#receive(datagram),
      onOpen: onRoom,
      log,
    });
    this.name = this.#socket.name;
  }

  start(): Promise<void> {
    return this.#socket.start();
  }

  /** Traps wait for nothing but the address that they are sent from, so that there is always as much room for them. */
  get room(): number {
    return this.#socket.isOpen ? WAITING_MAX - this.#waiting.size : 0;
  }

  /** Sends a notification; an inform also waits for its acknowledgement. */
  notify(notification: Notification, mibView: MibView): void {
    const { credential, type, counters } = this.#options;
    if (this.room <= 0) {
      counters.notificationsDropped++;
      return;
    }
    const requestId = this.#id();
    counters.notificationsSent++;
    if (credential.version === 1) {
      const community = Buffer.from(credential.community);
      this.#socket.ownAddress((address) => {
        writeTrapV1(this.#ber, notification, mibView, address);
        wrapCommunityMessage(this.#ber, VERSION.v1, community);
        this.#socket.send(this.#ber.content());
      });
      return;
    }
    const inform = type === "inform";
    writeNotification(this.#ber, inform ? TAG.informRequest : TAG.trap, requestId, notification, mibView);
    if (!inform) {
      this.#socket.send(this.#trap());
      return;
    }
    const pdu = this.#ber.content().slice();
    const waiting: Waiting = {
      requestId,
      pdu,
      messageIds: new Set(),
      attempt: 0,
      isRepeated: false,
      timer: undefined,
    };
    this.#waiting.set(requestId, waiting);
    this.#attempt(waiting);
  }

  close(): void {
    for (const { timer } of this.#waiting.values()) clearTimeout(timer);
    this.#waiting.clear();
    this.#socket.close();
  }

  /** The message around the trap that the writer holds. */
  #trap(): Uint8Array {
    const { credential, engine } = this.#options;
    if (credential.version !== 3) {
      wrapCommunityMessage(this.#ber, VERSION.v2c, Buffer.from(credential.community));
      return this.#ber.content();
    }
    const { id, boots, time } = engine;
    return this.#seal(this.#id(), { id, boots, time: time() }, this.#localUser, false);
  }

  #attempt(waiting: Waiting): void {
    const { timeoutMs, attempts } = this.#retry;
    const timeout = timeoutMs * 2 ** waiting.attempt;
    clearTimeout(waiting.timer);
    if (waiting.attempt === attempts) {
      this.#options.counters.informsUnacknowledged++;
      this.#options.log.warn("SNMP inform not acknowledged", { target: this.name, refusal: this.#refusal });
      // It may be another engine by now, or have begun its life anew.
      this.#receiver?.doubt();
      this.#finish(waiting);
      return;
    }
    if (waiting.attempt > 0 && this.#receiver?.isDoubtful(performance.now())) this.#receiver.doubt();
    waiting.attempt++;
    waiting.isRepeated = false;
    waiting.timer = setTimeout(() => this.#attempt(waiting), timeout);
    this.#sendInform(waiting);
  }

  #sendInform({ pdu, messageIds }: Waiting): void {
    const { credential } = this.#options;
    const receiver = this.#receiver?.now;
    if (credential.version === 3 && receiver === undefined) {
      this.#askWhoIsThere();
      return;
    }
    this.#ber.clear();
    this.#ber.append(pdu, 0, pdu.length);
    if (credential.version !== 3) {
      wrapCommunityMessage(this.#ber, VERSION.v2c, Buffer.from(credential.community));
      this.#socket.send(this.#ber.content());
    } else if (receiver) {
      const messageId = this.#id();
      messageIds.add(messageId);
      this.#socket.send(this.#seal(messageId, receiver, receiver.user, true));
    }
  }

  /** A GET of nothing, of nobody, to nobody. The Report that comes back has what we need. One question for all who wait. */
  #askWhoIsThere(): void {
    const now = performance.now();
    if (now - this.#question.askedAt < this.#retry.timeoutMs) return;
    this.#question = { id: this.#id(), askedAt: now };
    this.#ber.clear();
    wrapPdu(this.#ber, TAG.getRequest, this.#id(), 0, 0);
    this.#socket.send(this.#seal(this.#question.id, { id: EMPTY, boots: 0, time: 0 }, undefined, true));
  }

  #seal(
    messageId: number,
    engine: { readonly id: Uint8Array; readonly boots: number; readonly time: number },
    user: LocalizedUser | undefined,
    reportable: boolean,
  ): Uint8Array {
    const contextEngineId = user === undefined ? engine.id : this.#options.engine.id;
    const hidden = user?.privacy === true;
    const envelope = {
      id: messageId,
      maxSize: MAX_SIZE,
      reportable,
      engine,
      userName: user?.name ?? EMPTY,
      user,
      hidden,
      contextEngineId,
    };
    return seal(this.#ber, { ...envelope, contextName: EMPTY }, this.#salts);
  }

  #receive(datagram: Uint8Array): void {
    try {
      const { version, message, body } = readMessage(datagram);
      const { credential } = this.#options;
      if (version === VERSION.v3 && this.#receiver) this.#receiveV3(message, body, this.#receiver);
      if (version !== VERSION.v2c || credential.version !== 2) return;
      if (!Buffer.from(credential.community).equals(body.octets())) return;
      this.#acknowledge(readPdu(body));
    } catch (error) {
      // Anybody can send us anything; only an acknowledgement means something.
      if (!(error instanceof BerError)) throw error;
    }
  }

  #receiveV3(datagram: Uint8Array, body: BerReader, receiver: ReceiverEngine): void {
    const header = readHeader(body);
    const security = readSecurityParameters(body);
    const said = { id: security.engineId, boots: security.boots, time: security.time };
    if ((header.flags & FLAG.auth) === 0) {
      const report = reportOf(readPdu(readScopedPdu(body).pdu));
      if (report) this.#takeReport(report, header.id, said, receiver);
      return;
    }
    const user = receiver.now?.user;
    if (user === undefined || !user.proves(datagram, security.digest)) return;
    let data = body;
    if ((header.flags & FLAG.priv) !== 0) {
      const clear = user.decrypt(body.octets(), security.boots, security.time, security.salt);
      if (clear === undefined) return;
      data = new BerReader(clear);
    }
    const pdu = readPdu(readScopedPdu(data).pdu);
    if (pdu.type === TAG.report) {
      const waiting = this.#waitingFor(header.id);
      // It has begun its life anew, which nobody else can say in answer to that message: it is asked again who it is.
      if (waiting && receiver.isBehind(said)) receiver.doubt();
      // Our idea of its clock was wrong (usmStatsNotInTimeWindows): now it is right.
      if (waiting && receiver.setClock(said)) for (const one of this.#waiting.values()) this.#repeat(one);
      else if (waiting) this.#repeat(waiting);
      return;
    }
    receiver.prove();
    this.#acknowledge(pdu);
  }

  /** A Report without proof counts when it answers something that we sent: who else knows its msgID has it from the wire. */
  #takeReport(
    report: string,
    messageId: number,
    said: { readonly id: Uint8Array; readonly boots: number; readonly time: number },
    receiver: ReceiverEngine,
  ): void {
    const isAnswer = messageId === this.#question.id && receiver.now === undefined;
    if (!isAnswer && this.#waitingFor(messageId) === undefined) return;
    if (report !== "usmStatsUnknownEngineIDs") this.#refusal = report;
    else if (receiver.learn(said, performance.now())) for (const one of this.#waiting.values()) this.#sendInform(one);
  }

  #waitingFor(messageId: number): Waiting | undefined {
    for (const waiting of this.#waiting.values()) if (waiting.messageIds.has(messageId)) return waiting;
    return undefined;
  }

  /** Sends it once more before its time, but once only: the receiver may complain for ever. */
  #repeat(waiting: Waiting): void {
    if (waiting.isRepeated) return;
    waiting.isRepeated = true;
    this.#sendInform(waiting);
  }

  #acknowledge({ type, requestId, first: errorStatus }: Pdu): void {
    if (type !== TAG.response) return;
    const waiting = this.#waiting.get(requestId);
    if (waiting === undefined) return;
    if (errorStatus !== ERROR.noError) {
      this.#refusal = `error-status ${errorStatus}`;
      return;
    }
    this.#refusal = undefined;
    this.#finish(waiting);
  }

  /** The inform waits no longer. */
  #finish(waiting: Waiting): void {
    const hadRoom = this.room > 0;
    clearTimeout(waiting.timer);
    this.#waiting.delete(waiting.requestId);
    if (!hadRoom) this.#options.onRoom();
  }

  #id(): number {
    this.#nextId = this.#nextId >= 0x7fff_ffff ? 1 : this.#nextId + 1;
    return this.#nextId;
  }
}

/** The name of the counter that a Report carries; undefined for any other PDU, or a counter that nobody knows. */
function reportOf({ type, names }: Pdu): string | undefined {
  const [name] = names;
  if (type !== TAG.report || name === undefined) return undefined;
  return Object.entries(REPORT_OBJECT).find(([, object]) => compareOids(object, name) === 0)?.[0];
}
