/** The JSON of `/api/v1/status` and `/api/v1/audit`: how the program itself fares. Counters are decimal strings. */

import type { Build } from "../config/build.ts";
import { formatHrtime } from "../kstat/hrtime.ts";
import { LOCAL } from "../link/link-id.ts";
import type { SourceSnapshot } from "../snapshot/program.ts";
import type { Snapshot } from "../snapshot/snapshot.ts";
import { instant } from "./api-views.ts";
import { decimals, timestamp } from "./json-values.ts";

/** A statistic of a group that is not the sum of its parts. */
export interface Violation {
  readonly group: string;
  readonly statistic: string;
  readonly total: bigint;
  readonly departed: bigint;
  readonly present: bigint;
}

/** `state` is null where nothing is kept; `audit` and `engine` are null where nobody has looked. */
export function statusView(snapshot: Snapshot, build: Build) {
  const { sources, engine, state, audit } = snapshot;
  const source = sources.find(({ name }) => name === LOCAL);
  return {
    ...instant(snapshot),
    version: build.version,
    revision: build.revision,
    node: process.version,
    started_at: formatHrtime(snapshot.startedAt),
    source: source ? sourceView(source) : null,
    supported: [...snapshot.supported],
    collectors: snapshot.collectors.map(({ name, success, durationSeconds }) => ({
      name,
      success,
      duration_seconds: durationSeconds,
    })),
    resets: snapshot.resets.map(({ device, reason, count }) => ({ device, reason, count: String(count) })),
    engine: engine
      ? {
          joins_refused: decimals(engine.joinsRefused),
          link_notes: decimals(engine.linkNotes),
          routing_messages: decimals(engine.routingMessages),
        }
      : null,
    state: state
      ? {
          saved: state.saved,
          saves: String(state.saves),
          failures: String(state.failures),
          last_saved: timestamp(state.lastSavedMs),
          fault: state.fault ?? null,
        }
      : null,
    audit: audit ? { ok: audit.ok, violations: String(audit.violations) } : null,
    groups: snapshot.counts,
    links: snapshot.links.length,
  };
}

export function auditView(violations: readonly Violation[]) {
  return {
    ok: violations.length === 0,
    violations: violations.map(({ group, statistic, total, departed, present }) => ({
      group,
      statistic,
      total: String(total),
      departed: String(departed),
      present: String(present),
    })),
  };
}

function sourceView({ kind, deliversEvents, gaps, reads }: SourceSnapshot) {
  return { name: kind, delivers_events: deliversEvents, gaps: String(gaps), reads: String(reads) };
}
