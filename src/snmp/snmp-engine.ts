/**
 * One datagram in, at most one out. Everything between is synchronous and bounded; what is wrong with a datagram is counted,
 * and never thrown further. Knows no socket.
 */

import type { AgentCounters } from "../exposition/snmp/mibs/agent-counters.ts";
import { localLinks } from "../exposition/snmp/mibs/local-rows.ts";
import type { AgentFacts } from "../exposition/snmp/mibs/mib-context.ts";
import { BerError, type BerReader, TAG } from "../exposition/snmp/protocol/ber-reader.ts";
import { BerWriter } from "../exposition/snmp/protocol/ber-writer.ts";
import {
  type CommunityMessage,
  communityOverhead,
  readCommunityMessage,
  readMessage,
  VERSION,
  wrapCommunityMessage,
} from "../exposition/snmp/protocol/message.ts";
import { type Pdu, readPdu } from "../exposition/snmp/protocol/pdu.ts";
import { accessOf, type View } from "../exposition/snmp/view/access.ts";
import { fullAccess, version1Access } from "../exposition/snmp/view/agent-tree.ts";
import { type Access, type MibTree, type MibView, MibViews } from "../exposition/snmp/view/mib-view.ts";
import { type Audience, REQUESTS, respond } from "../exposition/snmp/view/responder.ts";
import type { Log } from "../log/log.ts";
import type { IpPrefix } from "../net-address/ip-prefix.ts";
import type { Snapshot, Snapshots } from "../snapshot/snapshot.ts";
import { AllowList, LOOPBACK } from "./allow-list.ts";
import { type Rate, RateLimit } from "./source-rate.ts";
import { UserSecurity } from "./user-security.ts";
import type { UsmUser } from "./usm.ts";

/** Nanoseconds. Rows of one walk belong together, and a manager that walks causes one collection a second at most. */
export const SNAPSHOT_AGE = 1_000_000_000n;

/** What UDP over IPv4 can carry: 65535 less 8 for UDP and 20 for IP. */
const MAX_DATAGRAM = 65_507;

export interface Community {
  readonly name: string;
  /** Who may use it. */
  readonly sources: readonly IpPrefix[];
  /** What it may read; everything when left out. */
  readonly view?: View;
}

/** A user of version 3, with what it may read. */
export interface User extends UsmUser {
  readonly view?: View;
}

export interface Limits {
  /** Octets of a request; longer ones are dropped. RFC 3417 asks for 484 at least. */
  readonly request: number;
  /** Octets of a reply. */
  readonly reply: number;
  /**
   * Octets of the packet of a reply that leaves this host, whatever was asked: what one Ethernet frame carries, so that a forged
   * source address cannot have more than that sent to it for each of its own packets, and no reply is fragmented.
   */
  readonly packet: number;
}

export const DEFAULT_LIMITS: Limits = { request: MAX_DATAGRAM, reply: MAX_DATAGRAM, packet: 1500 };

/** Octets of a packet that are not the message: headers of IP, without options, and of UDP. */
const HEADERS = { ipv4: 20 + 8, ipv6: 40 + 8 } as const;
/** Every SNMP entity takes a message of that size (RFC 3417 section 3.2), and every reply that says that another is too big is shorter. */
const SMALLEST_REPLY = 484;

export interface SnmpEngineOptions {
  readonly snapshots: Snapshots;
  readonly tree: MibTree;
  readonly facts: AgentFacts;
  readonly communities: readonly Community[];
  readonly users: readonly User[];
  readonly limits: Limits;
  /** How often one source may ask. */
  readonly rate: Rate;
  /** Octets of a packet on the way to an address; undefined where the system does not say. */
  readonly pathMtu: (address: string) => number | undefined;
  readonly log: Log;
  /** Somebody used a community that there is not, or from where it may not be used. */
  readonly onAuthenticationFailure?: (address: string) => void;
}

/** What a user sees who is none: cannot happen, as users and accesses are made of one list. */
const NOTHING: Access = new Uint8Array(0);

interface KnownCommunity {
  readonly octets: Buffer;
  readonly sources: AllowList;
  readonly access: Access;
  readonly accessOfVersion1: Access;
}

export class SnmpEngine {
  readonly counters: AgentCounters;
  readonly #options: SnmpEngineOptions;
  readonly #communities: readonly KnownCommunity[];
  readonly #security: UserSecurity;
  readonly #accessOfUser: ReadonlyMap<string, Access>;
  readonly #rate: RateLimit;
  readonly #ber: BerWriter;
  readonly #views: MibViews;
  #mtus: { readonly snapshot: Snapshot; readonly smallest: number } | undefined;

  /** @throws RangeError when a view or a password cannot be used. */
  constructor(options: SnmpEngineOptions) {
    const { tree, facts, users } = options;
    this.#options = options;
    this.counters = facts.counters;
    const access = (view: View | undefined) => (view ? accessOf(tree, view) : fullAccess(tree));
    this.#communities = options.communities.map(({ name, sources, view }) => {
      const seen = access(view);
      const accessOfVersion1 = version1Access(tree, seen);
      return { octets: Buffer.from(name), sources: new AllowList(sources), access: seen, accessOfVersion1 };
    });
    this.#accessOfUser = new Map(users.map(({ name, view }) => [name, access(view)]));
    const { engine, counters } = facts;
    this.#security = new UserSecurity({ engine, users, counters, maxMessageSize: engine.maxMessageSize });
    this.#rate = new RateLimit(options.rate);
    this.#views = new MibViews(tree, facts);
    this.#ber = new BerWriter(options.limits.reply);
  }

  /** The reply to a datagram, shared and good until the next call; undefined when there is none. */
  receive(datagram: Uint8Array, address: string): Uint8Array | undefined {
    const { counters } = this;
    counters.snmpInPkts++;
    if (datagram.length > this.#options.limits.request) {
      counters.oversized++;
      return undefined;
    }
    if (!this.#rate.allows(address)) {
      counters.rateLimited++;
      return undefined;
    }
    try {
      const reply = this.#dispatch(datagram, address);
      if (reply) counters.responses++;
      return reply;
    } catch (error) {
      if (error instanceof BerError) {
        counters.snmpInASNParseErrs++;
        return undefined;
      }
      // Not of the datagram's making, so said aloud; a manager repeats its request, and the agent goes on.
      counters.failures++;
      this.#options.log.error("SNMP request failed", { address, error });
      return undefined;
    }
  }

  /** The MIB for a request: its counters may be a second old, two while somebody walks. */
  #mibView(): MibView {
    return this.#views.of(this.#options.snapshots.within(SNAPSHOT_AGE));
  }

  #dispatch(datagram: Uint8Array, address: string): Uint8Array | undefined {
    const { version, message, body } = readMessage(datagram);
    if (version === VERSION.v1 || version === VERSION.v2c) return this.#byCommunity(version, body, address);
    if (version === VERSION.v3) return this.#byUser(message, body, address);
    this.counters.snmpInBadVersions++;
    return undefined;
  }

  #byCommunity(version: CommunityMessage["version"], body: BerReader, address: string): Uint8Array | undefined {
    const { community, pdu: reader } = readCommunityMessage(version, body);
    const known = this.#communities.find(({ octets, sources }) => octets.equals(community) && sources.has(address));
    if (known === undefined) {
      this.counters.snmpInBadCommunityNames++;
      this.#options.onAuthenticationFailure?.(address);
      return undefined;
    }
    const version1 = version === VERSION.v1;
    // GETBULK came with version 2: in version 1 it is not a PDU at all.
    if (version1 && reader.peek() === TAG.getBulkRequest) throw new BerError("GETBULK in version 1");
    const pdu = this.#request(reader);
    const access = version1 ? known.accessOfVersion1 : known.access;
    const limit = this.replyLimit(address) - communityOverhead(community);
    if (!pdu || !this.#respond(pdu, { version1, access }, limit)) return undefined;
    wrapCommunityMessage(this.#ber, version, community);
    return this.#ber.content();
  }

  #byUser(octets: Uint8Array, body: BerReader, address: string): Uint8Array | undefined {
    const message = this.#security.open(octets, body);
    if (message === undefined) return undefined;
    if (message.kind === "report") return this.#security.report(this.#ber, message);
    const reader = message.scoped.pdu;
    // Whoever sends an inform waits for an answer (Confirmed Class, RFC 3411 section 2.8), and an agent has none for it.
    if (reader.peek() === TAG.informRequest) {
      return this.#security.report(this.#ber, this.#security.unhandled(message, readPdu(reader)));
    }
    const pdu = this.#request(reader);
    if (!pdu) return undefined;
    const access = this.#accessOfUser.get(message.user.name.toString()) ?? NOTHING;
    const size = Math.min(message.header.maxSize, this.replyLimit(address));
    const limit = size - this.#security.overhead(message.user);
    if (!this.#respond(pdu, { version1: false, access }, limit)) return undefined;
    return this.#security.reply(this.#ber, message);
  }

  /** The PDU, when it is one that an agent answers. @throws BerError */
  #request(reader: BerReader): Pdu | undefined {
    const type = reader.peek();
    if (type < TAG.getRequest || type > TAG.report) throw new BerError(`no PDU has tag ${type}`);
    if (REQUESTS.has(type)) return readPdu(reader);
    this.counters.snmpUnknownPDUHandlers++;
    return undefined;
  }

  /** Leaves the response in the writer; false when there is none that fits. */
  #respond(pdu: Pdu, audience: Audience, limit: number): boolean {
    const { varbinds, failure } = respond(this.#ber, pdu, this.#mibView(), audience, limit);
    if (failure) this.#fail(failure);
    if (varbinds === undefined) this.counters.snmpSilentDrops++;
    else this.counters.varbinds += BigInt(varbinds);
    return varbinds !== undefined;
  }

  /** Octets that a reply to that address may have. */
  replyLimit(address: string): number {
    const { reply, packet } = this.#options.limits;
    if (LOOPBACK.has(address)) return reply;
    const path = this.#options.pathMtu(address) ?? this.#smallestMtu();
    const headers = address.includes(":") && !address.startsWith("::ffff:") ? HEADERS.ipv6 : HEADERS.ipv4;
    return Math.min(reply, Math.max(SMALLEST_REPLY, Math.min(packet, path) - headers));
  }

  /** Of this host's links that are up: whichever the reply takes. Infinite where it is known of none. */
  #smallestMtu(): number {
    const { snapshot } = this.#mibView().context;
    if (this.#mtus?.snapshot !== snapshot) {
      // 0 is not known: without sysfs, or while dladm does not say.
      const mtus = localLinks(snapshot).flatMap(({ attributes: { mtu, adminUp } }) =>
        adminUp && mtu > 0 ? [mtu] : [],
      );
      this.#mtus = { snapshot, smallest: Math.min(...mtus) };
    }
    return this.#mtus.smallest;
  }

  #fail(failure: Error): void {
    this.counters.failures++;
    this.#options.log.error("SNMP object cannot be read", { error: failure });
  }
}
