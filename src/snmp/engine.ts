/**
 * One datagram in, at most one out. Everything between is synchronous and bounded; what is wrong with a datagram is counted,
 * and never thrown further. Knows no socket.
 */

import { BerError, type BerReader, TAG } from "../exposition/snmp/ber.ts";
import { type AgentFacts, Context } from "../exposition/snmp/context.ts";
import { Frame } from "../exposition/snmp/frame.ts";
import {
  type CommunityMessage,
  communityOverhead,
  readCommunityMessage,
  readMessage,
  VERSION,
  wrapCommunityMessage,
} from "../exposition/snmp/message.ts";
import { readPdu } from "../exposition/snmp/pdu.ts";
import { REQUESTS, respond } from "../exposition/snmp/responder.ts";
import type { Statistics } from "../exposition/snmp/statistics.ts";
import { Store, type Tree } from "../exposition/snmp/store.ts";
import { fullSight, version1Sight } from "../exposition/snmp/tree.ts";
import type { Snapshots } from "../snapshot/snapshot.ts";
import { AllowList, LOOPBACK } from "./allow-list.ts";

/** Rows of one walk belong together, and a manager that walks causes one collection a second at most. */
export const SNAPSHOT_AGE = 1_000_000_000n;

/** What UDP over IPv4 can carry: 65535 less 8 for UDP and 20 for IP. */
export const MAX_DATAGRAM = 65_507;

export interface Community {
  readonly name: string;
  /** Addresses and prefixes that may use it. */
  readonly sources: readonly string[];
}

export interface Limits {
  /** Octets of a request; longer ones are dropped. RFC 3417 asks for 484 at least. */
  readonly request: number;
  /** Octets of a reply. */
  readonly reply: number;
  /**
   * Octets of a reply to GETBULK that leaves this host: what one Ethernet frame carries, so that replies are not fragmented
   * and a forged source address cannot have more than that sent to it for each of its own packets.
   */
  readonly bulk: number;
}

export const DEFAULT_LIMITS: Limits = { request: 16_384, reply: MAX_DATAGRAM, bulk: 1472 };

export interface Log {
  info(message: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
  error(message: string, fields?: Readonly<Record<string, unknown>>): void;
}

export interface EngineOptions {
  readonly snapshots: Snapshots;
  readonly tree: Tree;
  readonly facts: AgentFacts;
  readonly communities: readonly Community[];
  readonly limits: Limits;
  readonly log: Log;
  /** Somebody used a community that there is not, or from where it may not be used. */
  readonly onAuthenticationFailure?: (address: string) => void;
}

interface KnownCommunity {
  readonly octets: Buffer;
  readonly sources: AllowList;
}

export class Engine {
  readonly statistics: Statistics;
  readonly #options: EngineOptions;
  readonly #communities: readonly KnownCommunity[];
  readonly #sight: Uint8Array;
  readonly #sightOfVersion1: Uint8Array;
  readonly #frame: Frame;
  #store: Store | undefined;

  /** @throws RangeError when a source of a community cannot be understood. */
  constructor(options: EngineOptions) {
    this.#options = options;
    this.statistics = options.facts.statistics;
    this.#communities = options.communities.map(({ name, sources }) => {
      return { octets: Buffer.from(name), sources: new AllowList(sources) };
    });
    this.#sight = fullSight(options.tree);
    this.#sightOfVersion1 = version1Sight(options.tree, this.#sight);
    this.#frame = new Frame(options.limits.reply);
  }

  /** The reply to a datagram, shared and good until the next call; undefined when there is none. */
  receive(datagram: Uint8Array, address: string): Uint8Array | undefined {
    const { statistics } = this;
    statistics.snmpInPkts++;
    if (datagram.length > this.#options.limits.request) {
      statistics.oversized++;
      return undefined;
    }
    try {
      const reply = this.#dispatch(datagram, address);
      if (reply) statistics.responses++;
      return reply;
    } catch (error) {
      if (error instanceof BerError) {
        statistics.snmpInASNParseErrs++;
        return undefined;
      }
      // Not of the datagram's making, so said aloud; a manager repeats its request, and the agent goes on.
      statistics.failures++;
      this.#options.log.error("SNMP request failed", { address, error });
      return undefined;
    }
  }

  /** The MIB of now. */
  store(): Store {
    const snapshot = this.#options.snapshots.within(SNAPSHOT_AGE);
    if (this.#store?.context.snapshot !== snapshot) {
      this.#store = new Store(this.#options.tree, new Context(snapshot, this.#options.facts));
    }
    return this.#store;
  }

  #dispatch(datagram: Uint8Array, address: string): Uint8Array | undefined {
    const { version, body } = readMessage(datagram);
    if (version === VERSION.v1 || version === VERSION.v2c) return this.#byCommunity(version, body, address);
    this.statistics.snmpInBadVersions++;
    return undefined;
  }

  #byCommunity(version: CommunityMessage["version"], body: BerReader, address: string): Uint8Array | undefined {
    const { community, pdu: reader } = readCommunityMessage(version, body);
    if (!this.#admits(community, address)) {
      this.statistics.snmpInBadCommunityNames++;
      this.#options.onAuthenticationFailure?.(address);
      return undefined;
    }
    const type = reader.peek();
    const version1 = version === VERSION.v1;
    // GETBULK came with version 2: in version 1 it is not a PDU at all.
    if (version1 && type === TAG.getBulkRequest) throw new BerError("GETBULK in version 1");
    if (type < TAG.getRequest || type > TAG.report) throw new BerError(`no PDU has tag ${type}`);
    if (!REQUESTS.has(type)) {
      this.statistics.snmpUnknownPDUHandlers++;
      return undefined;
    }
    const pdu = readPdu(reader);
    const limit = this.replyLimit(type, address) - communityOverhead(community);
    const audience = { version1, sight: version1 ? this.#sightOfVersion1 : this.#sight };
    const { varbinds, failure } = respond(this.#frame, pdu, this.store(), audience, limit);
    if (failure) this.#fail(failure);
    if (varbinds === undefined) {
      this.statistics.snmpSilentDrops++;
      return undefined;
    }
    this.statistics.varbinds += BigInt(varbinds);
    wrapCommunityMessage(this.#frame, version, community);
    return this.#frame.content();
  }

  /** Octets that a reply may have. */
  replyLimit(type: number, address: string): number {
    const { reply, bulk } = this.#options.limits;
    return type === TAG.getBulkRequest && !LOOPBACK.has(address) ? Math.min(reply, bulk) : reply;
  }

  #admits(community: Uint8Array, address: string): boolean {
    return this.#communities.some(({ octets, sources }) => octets.equals(community) && sources.has(address));
  }

  #fail(failure: Error): void {
    this.statistics.failures++;
    this.#options.log.error("SNMP object cannot be read", { error: failure });
  }
}
