/**
 * One receiver of notifications: traps are sent and forgotten, informs are sent again until the receiver acknowledges them. An
 * inform of version 3 is made for the receiver's engine, which is asked first who it is (RFC 3414 section 4).
 */

import { createSocket, type Socket } from "node:dgram";
import type { AgentCounters } from "../exposition/snmp/mibs/agent-counters.ts";
import { type Notification, writeNotification, writeTrapV1 } from "../exposition/snmp/mibs/notification.ts";
import { BerError, BerReader, TAG } from "../exposition/snmp/protocol/ber-reader.ts";
import { BerWriter } from "../exposition/snmp/protocol/ber-writer.ts";
import { readMessage, VERSION, wrapCommunityMessage } from "../exposition/snmp/protocol/message.ts";
import { readPdu, wrapPdu } from "../exposition/snmp/protocol/pdu.ts";
import { FLAG, readHeader, readScopedPdu, readSecurityParameters } from "../exposition/snmp/protocol/v3-message.ts";
import type { MibView } from "../exposition/snmp/view/mib-view.ts";
import type { Log } from "../log/log.ts";
import { ipOctets } from "../net-address/ip-address.ts";
import { formatSnmpEndpoint, type SnmpEndpoint } from "../net-address/snmp-endpoint.ts";
import type { EngineIdentity } from "./engine-identity.ts";
import { LocalizedUser, Salts, type UsmUser } from "./usm.ts";
import { seal } from "./v3-seal.ts";

/** How an inform is repeated: the time to the second attempt, doubled after each, and how many there are. */
export interface Retry {
  readonly timeoutMs: number;
  readonly attempts: number;
}

export interface TargetOptions {
  readonly endpoint: SnmpEndpoint;
  readonly type: "trap" | "inform";
  readonly credential:
    | { readonly version: 1 | 2; readonly community: string }
    | { readonly version: 3; readonly user: UsmUser };
  readonly retry?: Retry | undefined;
  /** Called when too many informs waited for another to be taken, and one does no longer. */
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
const NO_ADDRESS = new Uint8Array(4);

interface Waiting {
  readonly requestId: number;
  readonly pdu: Uint8Array;
  attempt: number;
  timer: NodeJS.Timeout | undefined;
}

/** The receiver's engine, as it told us; its clock is this far ahead of ours. */
interface RemoteEngine {
  readonly id: Uint8Array;
  readonly user: LocalizedUser;
  boots: number;
  ahead: number;
}

export class NotificationTarget {
  readonly name: string;
  readonly #options: TargetOptions;
  readonly #socket: Socket;
  readonly #ber = new BerWriter(FRAME_OCTETS);
  readonly #salts = new Salts();
  readonly #waiting = new Map<number, Waiting>();
  /** The user at our own engine, for traps: there the sender's clock and keys count. */
  readonly #localUser: LocalizedUser | undefined;
  #remote: RemoteEngine | undefined;
  #closed = false;
  #nextId = 1 + Math.floor(Math.random() * 0x3fff_ffff);

  /** @throws RangeError when a password is too short. */
  constructor(options: TargetOptions) {
    this.#options = options;
    this.name = formatSnmpEndpoint(options.endpoint);
    const { credential, engine } = options;
    this.#localUser = credential.version === 3 ? new LocalizedUser(credential.user, engine.id) : undefined;
    this.#socket = createSocket(options.endpoint.transport);
    this.#socket.on("message", (datagram, from) => {
      if (from.port === options.endpoint.port && from.address === options.endpoint.address) this.#receive(datagram);
    });
    this.#socket.on("error", (error) => options.log.warn("SNMP notification not sent", { target: this.name, error }));
    this.#socket.unref();
  }

  /**
   * agent-addr of version 1 (RFC 3584 section 3.2): by which of our addresses the receiver is reached, which the system knows;
   * zeros where there is no route, or none of IPv4.
   */
  #ownAddress(then: (address: Uint8Array) => void): void {
    const { address, port, transport } = this.#options.endpoint;
    if (transport !== "udp4") {
      then(NO_ADDRESS);
      return;
    }
    const probe = createSocket(transport).unref();
    const answer = (own: Uint8Array) => {
      probe.close();
      if (!this.#closed) then(own);
    };
    probe.once("error", () => answer(NO_ADDRESS));
    probe.connect(port, address, () => answer(ipOctets(probe.address().address) ?? NO_ADDRESS));
  }

  /** Traps wait for nothing. */
  get hasRoom(): boolean {
    return this.#waiting.size < WAITING_MAX;
  }

  /** Sends a notification; an inform also waits for its acknowledgement. */
  notify(notification: Notification, mibView: MibView): void {
    const { credential, type, counters } = this.#options;
    const requestId = this.#id();
    if (credential.version === 1) {
      const community = Buffer.from(credential.community);
      this.#ownAddress((address) => {
        writeTrapV1(this.#ber, notification, mibView, address);
        wrapCommunityMessage(this.#ber, VERSION.v1, community);
        this.#send(this.#ber.content());
      });
      counters.notificationsSent++;
      return;
    }
    const inform = type === "inform";
    writeNotification(this.#ber, inform ? TAG.informRequest : TAG.trap, requestId, notification, mibView);
    if (!inform) {
      this.#send(this.#trap());
      counters.notificationsSent++;
      return;
    }
    if (!this.hasRoom) {
      counters.notificationsDropped++;
      return;
    }
    const waiting: Waiting = { requestId, pdu: this.#ber.content().slice(), attempt: 0, timer: undefined };
    this.#waiting.set(requestId, waiting);
    counters.notificationsSent++;
    this.#attempt(waiting);
  }

  close(): void {
    this.#closed = true;
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
    return this.#seal({ id, boots, time: time() }, this.#localUser, false);
  }

  #attempt(waiting: Waiting): void {
    const { timeoutMs, attempts } = this.#options.retry ?? DEFAULT_RETRY;
    const timeout = timeoutMs * 2 ** waiting.attempt;
    clearTimeout(waiting.timer);
    if (waiting.attempt === attempts) {
      this.#finish(waiting);
      this.#options.counters.informsUnacknowledged++;
      this.#options.log.warn("SNMP inform not acknowledged", { target: this.name });
      return;
    }
    waiting.attempt++;
    waiting.timer = setTimeout(() => this.#attempt(waiting), timeout);
    this.#sendInform(waiting);
  }

  #sendInform({ pdu }: Waiting): void {
    const { credential } = this.#options;
    this.#ber.clear();
    if (credential.version === 3 && this.#remote === undefined) {
      // Asks who is there: a GET of nothing, of nobody, to nobody. The Report that comes back has what we need.
      wrapPdu(this.#ber, TAG.getRequest, this.#id(), 0, 0);
      this.#send(this.#seal({ id: EMPTY, boots: 0, time: 0 }, undefined, true));
      return;
    }
    this.#ber.append(pdu, 0, pdu.length);
    if (credential.version === 3) {
      const { id, boots, ahead, user } = this.#remote ?? { id: EMPTY, boots: 0, ahead: 0, user: undefined };
      this.#send(this.#seal({ id, boots, time: ahead + this.#options.engine.time() }, user, true));
      return;
    }
    wrapCommunityMessage(this.#ber, VERSION.v2c, Buffer.from(credential.community));
    this.#send(this.#ber.content());
  }

  #seal(engine: { id: Uint8Array; boots: number; time: number }, user: LocalizedUser | undefined, reportable: boolean) {
    const contextEngineId = user === undefined ? engine.id : this.#options.engine.id;
    const hidden = user?.privacy === true;
    const envelope = { id: this.#id(), maxSize: MAX_SIZE, reportable, engine, user, hidden, contextEngineId };
    return seal(this.#ber, { ...envelope, contextName: EMPTY }, this.#salts);
  }

  #receive(datagram: Uint8Array): void {
    try {
      const { version, body } = readMessage(datagram);
      const { credential } = this.#options;
      if (version === VERSION.v3 && credential.version === 3) this.#receiveV3(datagram, body, credential.user);
      if (version !== VERSION.v2c || credential.version !== 2) return;
      if (!Buffer.from(credential.community).equals(body.octets())) return;
      this.#acknowledge(body);
    } catch (error) {
      // Anybody can send us anything; only an acknowledgement means something.
      if (!(error instanceof BerError)) throw error;
    }
  }

  #receiveV3(datagram: Uint8Array, body: BerReader, credential: UsmUser): void {
    const header = readHeader(body);
    const security = readSecurityParameters(body);
    const proven = (header.flags & FLAG.auth) !== 0;
    const ahead = security.time - this.#options.engine.time();
    if (this.#remote === undefined) {
      // The answer to who is there; whether it is true, the first proven message shows.
      if (security.engineId.length < 5) return;
      const id = Uint8Array.from(security.engineId);
      this.#remote = { id, boots: security.boots, ahead, user: new LocalizedUser(credential, id) };
      for (const waiting of this.#waiting.values()) this.#sendInform(waiting);
      return;
    }
    const { user, boots } = this.#remote;
    if (!proven || !user.proves(datagram, security.digest)) return;
    let data = body;
    if ((header.flags & FLAG.priv) !== 0) {
      const clear = user.decrypt(body.octets(), security.boots, security.time, security.salt);
      if (clear === undefined) return;
      data = new BerReader(clear);
    }
    const { pdu } = readScopedPdu(data);
    if (pdu.peek() === TAG.report) {
      // Our idea of its clock was wrong (usmStatsNotInTimeWindows): it is now right, if it moved forward.
      if (security.boots < boots) return;
      this.#remote.boots = security.boots;
      this.#remote.ahead = ahead;
      for (const waiting of this.#waiting.values()) this.#sendInform(waiting);
    } else this.#acknowledge(pdu);
  }

  #acknowledge(reader: BerReader): void {
    if (reader.peek() !== TAG.response) return;
    const waiting = this.#waiting.get(readPdu(reader).requestId);
    if (waiting) this.#finish(waiting);
  }

  /** The inform waits no longer. */
  #finish(waiting: Waiting): void {
    const hadRoom = this.hasRoom;
    clearTimeout(waiting.timer);
    this.#waiting.delete(waiting.requestId);
    if (!hadRoom) this.#options.onRoom();
  }

  #send(message: Uint8Array): void {
    const { address, port } = this.#options.endpoint;
    this.#socket.send(Buffer.from(message), port, address, (error) => {
      if (error) this.#options.log.warn("SNMP notification not sent", { target: this.name, error });
    });
  }

  #id(): number {
    this.#nextId = this.#nextId >= 0x7fff_ffff ? 1 : this.#nextId + 1;
    return this.#nextId;
  }
}
