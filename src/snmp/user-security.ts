/**
 * The User-based Security Model as the engine that is asked (RFC 3414 section 3, RFC 3412 section 7.2): what a message of
 * version 3 is worth, the Report where it is worth none, and the message around a reply.
 */

import type { AgentCounters } from "../exposition/snmp/mibs/agent-counters.ts";
import { REPORT_OBJECT, type ReportName } from "../exposition/snmp/mibs/framework-mib.ts";
import { BerError, BerReader, TAG } from "../exposition/snmp/protocol/ber-reader.ts";
import type { BerWriter } from "../exposition/snmp/protocol/ber-writer.ts";
import { type Pdu, REQUEST_ID_UNKNOWN, readPdu, wrapPdu } from "../exposition/snmp/protocol/pdu.ts";
import { low32 } from "../exposition/snmp/protocol/syntax.ts";
import {
  FLAG,
  readHeader,
  readScopedPdu,
  readSecurityParameters,
  type ScopedPdu,
  type SecurityParameters,
  USM,
  type V3Header,
} from "../exposition/snmp/protocol/v3-message.ts";
import { type EngineIdentity, TIME_WINDOW } from "./engine-identity.ts";
import { LocalizedUser, Salts, type UsmUser } from "./usm.ts";
import { seal } from "./v3-seal.ts";

/**
 * Octets that a reply has around its PDU, at most, without engine ID (twice), user name and digest: eleven headers, six
 * numbers, the flags, the salt.
 */
const OVERHEAD = 90;

const EMPTY = new Uint8Array(0);

/** PDUs whose sender waits for an answer: the Confirmed Class (RFC 3411 section 2.8). */
const CONFIRMED: ReadonlySet<number> = new Set([
  TAG.getRequest,
  TAG.getNextRequest,
  TAG.getBulkRequest,
  TAG.setRequest,
  TAG.informRequest,
]);

/** A message that may be answered. */
export interface OpenedMessage {
  readonly kind: "request";
  readonly header: V3Header;
  readonly user: LocalizedUser;
  readonly scoped: ScopedPdu;
}

/** What a Report has to know of the PDU that it is about. */
type Asked = Pick<Pdu, "type" | "requestId">;

/** A message that may not, with the counter that says why; already counted. */
export interface RefusedMessage {
  readonly kind: "report";
  readonly header: V3Header;
  /** msgUserName of the request, whoever that is. */
  readonly userName: Uint8Array;
  readonly reason: ReportName;
  /** The PDU, where it can be read. */
  readonly pdu: Asked | undefined;
  /** Whose proof the Report carries; undefined: nobody's. */
  readonly user: LocalizedUser | undefined;
}

export interface UserSecurityOptions {
  readonly engine: EngineIdentity & { readonly time: () => number };
  readonly users: readonly UsmUser[];
  readonly counters: AgentCounters;
  /** Octets of the longest message that we take. */
  readonly maxMessageSize: number;
}

export class UserSecurity {
  readonly #engine: UserSecurityOptions["engine"];
  readonly #users: readonly LocalizedUser[];
  readonly #counters: AgentCounters;
  readonly #maxMessageSize: number;
  readonly #salts = new Salts();

  /** @throws RangeError when a password is too short. */
  constructor({ engine, users, counters, maxMessageSize }: UserSecurityOptions) {
    this.#engine = engine;
    this.#users = users.map((user) => new LocalizedUser(user, engine.id));
    this.#counters = counters;
    this.#maxMessageSize = maxMessageSize;
  }

  /**
   * Reads what follows the version. Undefined: dropped without a word, and counted.
   * @throws BerError
   */
  open(message: Uint8Array, body: BerReader): OpenedMessage | RefusedMessage | undefined {
    const header = readHeader(body);
    if (header.securityModel !== USM) {
      this.#counters.snmpUnknownSecurityModels++;
      return undefined;
    }
    if ((header.flags & (FLAG.auth | FLAG.priv)) === FLAG.priv) {
      this.#counters.snmpInvalidMsgs++;
      return undefined;
    }
    const security = readSecurityParameters(body);
    const plain = (header.flags & FLAG.priv) === 0;
    const refuse = (reason: ReportName, as?: LocalizedUser, pdu?: Asked) =>
      this.#refuse(header, security.user, reason, as, pdu ?? (plain ? pduOf(body) : undefined));

    if (!sameOctets(security.engineId, this.#engine.id)) return refuse("usmStatsUnknownEngineIDs");
    const user = this.#users.find(({ name }) => name.equals(security.user));
    if (user === undefined) return refuse("usmStatsUnknownUserNames");
    // A user is served at its own level: to read in the clear what was to be hidden would be a downgrade.
    if ((header.flags & FLAG.auth) === 0 || plain === user.privacy) return refuse("usmStatsUnsupportedSecLevels");
    if (!user.proves(message, security.digest)) return refuse("usmStatsWrongDigests");
    if (!this.#inTimeWindow(security)) return refuse("usmStatsNotInTimeWindows", user);

    let data = body;
    if (!plain) {
      const clear = user.decrypt(body.octets(), security.boots, security.time, security.salt);
      if (clear === undefined || clear[0] !== TAG.sequence) return refuse("usmStatsDecryptionErrors");
      data = new BerReader(clear);
    }
    const scoped = readScopedPdu(data);
    if (!sameOctets(scoped.contextEngineId, this.#engine.id))
      return refuse("snmpUnknownPDUHandlers", user, readPdu(scoped.pdu));
    // There is one context, the default one, whose name is empty.
    if (scoped.contextName.length > 0) {
      return refuse("snmpUnknownContexts", user, readPdu(scoped.pdu));
    }
    return { kind: "request", header, user, scoped };
  }

  /** Octets that a reply to that user has around its PDU, at most. */
  overhead(user: LocalizedUser): number {
    return OVERHEAD + 2 * this.#engine.id.length + user.name.length + user.digestLength;
  }

  /** Leaves the Report in the writer; undefined when the sender wants none. */
  report(ber: BerWriter, refused: RefusedMessage): Uint8Array | undefined {
    const { header, userName, reason, pdu, user } = refused;
    if ((header.flags & FLAG.reportable) === 0) return undefined;
    // RFC 3412 section 6.4: the flag is a secondary aid. Where the PDU can be read, its type forms the basis.
    if (pdu && !CONFIRMED.has(pdu.type)) return undefined;
    ber.clear();
    ber.unsigned(TAG.counter32, low32(this.#counters[reason]));
    ber.objectIdentifier(REPORT_OBJECT[reason]);
    ber.wrap(TAG.sequence);
    wrapPdu(ber, TAG.report, pdu?.requestId ?? REQUEST_ID_UNKNOWN, 0, 0);
    // RFC 3414 section 3.2: a Report of the time is authenticated and never encrypted, others prove nothing.
    const hidden = user?.privacy === true && reason !== "usmStatsNotInTimeWindows";
    // RFC 3414 section 3.1, step 1a: the name that was asked with, although nobody proves anything.
    return this.#seal(ber, header.id, userName, user, hidden, EMPTY);
  }

  /** Makes the message of the PDU that the writer holds. */
  reply(ber: BerWriter, { header, user, scoped }: OpenedMessage): Uint8Array {
    return this.#seal(ber, header.id, user.name, user, user.privacy, scoped.contextName);
  }

  /** Refuses a request that was read, for what it asks: nobody here handles such a PDU (RFC 3412 section 7.2 step 13). */
  unhandled({ header, user }: OpenedMessage, pdu: Asked): RefusedMessage {
    return this.#refuse(header, user.name, "snmpUnknownPDUHandlers", user, pdu);
  }

  #seal(
    ber: BerWriter,
    id: number,
    userName: Uint8Array,
    user: LocalizedUser | undefined,
    hidden: boolean,
    contextName: Uint8Array,
  ) {
    const { id: engineId, boots, time } = this.#engine;
    const engine = { id: engineId, boots, time: time() };
    const maxSize = this.#maxMessageSize;
    const envelope = {
      id,
      maxSize,
      reportable: false,
      engine,
      userName,
      user,
      hidden,
      contextEngineId: engineId,
      contextName,
    };
    return seal(ber, envelope, this.#salts);
  }

  #refuse(
    header: V3Header,
    userName: Uint8Array,
    reason: ReportName,
    user: LocalizedUser | undefined,
    pdu: Asked | undefined,
  ): RefusedMessage {
    this.#counters[reason]++;
    return { kind: "report", header, userName, reason, pdu, user };
  }

  #inTimeWindow({ boots, time }: SecurityParameters): boolean {
    return boots === this.#engine.boots && Math.abs(time - this.#engine.time()) <= TIME_WINDOW;
  }
}

/** The PDU of a scopedPDU in the clear, for the Report; undefined where it cannot be read, which it need not for that. */
function pduOf(body: BerReader): Asked | undefined {
  try {
    return readPdu(readScopedPdu(new BerReader(body.bytes, body.position, body.end)).pdu);
  } catch (error) {
    if (error instanceof BerError) return undefined;
    throw error;
  }
}

function sameOctets(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((octet, i) => octet === b[i]);
}
