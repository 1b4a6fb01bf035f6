/** What the MIB is a view of: one snapshot, and the facts about the agent itself that no snapshot holds. */

import type { Hrtime } from "../../../kstat/hrtime.ts";
import { LOCAL } from "../../../link/link-id.ts";
import type { SourceSnapshot } from "../../../snapshot/program.ts";
import type { Snapshot } from "../../../snapshot/snapshot.ts";
import type { Oid } from "../protocol/oid.ts";
import type { AgentCounters } from "./agent-counters.ts";
import { type FailedStatus, type InterfaceRow, interfaceRows } from "./interface-rows.ts";
import { localLinks } from "./local-rows.ts";

export interface AgentFacts {
  /** The system group of SNMPv2-MIB. */
  readonly system: {
    readonly description: string;
    readonly contact: string;
    readonly name: string;
    readonly location: string;
  };
  /** Where IPMP-EXPORTER-MIB is rooted. */
  readonly enterprise: Oid;
  readonly failedStatus: FailedStatus;
  /** Seconds since the host started. */
  readonly hostUpTime: () => number;
  /** What the agent counted so far; live. */
  readonly counters: AgentCounters;
  /** Of version 3: who the engine is. */
  readonly engine: {
    readonly id: Uint8Array;
    readonly boots: number;
    /** Seconds since it started. */
    readonly time: () => number;
    /** Octets of the longest message that it takes. */
    readonly maxMessageSize: number;
  };
  /** Whether the rows stand among those of a master agent, which has every link of the system. */
  readonly merged: boolean;
  /** Whether authenticationFailure is sent to anybody. */
  readonly authenticationTraps: boolean;
}

export class MibContext {
  readonly snapshot: Snapshot;
  readonly facts: AgentFacts;
  #interfaces: readonly InterfaceRow[] | undefined;

  constructor(snapshot: Snapshot, facts: AgentFacts) {
    this.snapshot = snapshot;
    this.facts = facts;
  }

  /** The rows of ifTable, which several tables share. */
  get interfaces(): readonly InterfaceRow[] {
    this.#interfaces ??= interfaceRows(this.snapshot, this.facts.failedStatus);
    return this.#interfaces;
  }

  /** The source of this host's links; undefined where only other systems are watched. */
  get localSource(): SourceSnapshot | undefined {
    return this.snapshot.sources.find(({ name }) => name === LOCAL);
  }

  /** ifNumber: our rows, or, beside a master agent, all links and the groups that are none. */
  get interfaceCount(): number {
    if (!this.facts.merged) return this.interfaces.length;
    const groups = this.snapshot.groups.map(({ ifindex }) => ifindex);
    return new Set([...groups, ...localLinks(this.snapshot).map(({ id }) => id.ifindex)]).size;
  }

  /** Hundredths of a second between the start of the agent and `time`; 0 for what was before it (RFC 2578, TimeTicks). */
  ticks(time: Hrtime): number {
    const elapsed = time - this.snapshot.startedAt;
    return elapsed <= 0n ? 0 : Number(BigInt.asUintN(32, elapsed / NANOSECONDS_PER_TICK));
  }
}

const NANOSECONDS_PER_TICK = 10_000_000n;
