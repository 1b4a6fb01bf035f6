/** The event of the start: for how long nobody had watched, and what of earlier runs goes on. */

import type { Hrtime } from "../../kstat/hrtime.ts";
import type { Transition } from "../../snapshot/event.ts";
import { duration } from "../../wording/quantity.ts";
import type { Restored } from "../links/restoration.ts";
import type { Clock } from "./clock.ts";
import type { History } from "./history.ts";

export function startOf(restored: Restored, history: History, clock: Clock): Transition {
  const [now, wallMs] = [clock.now(), clock.wallMs()];
  const readMs = restored.kind === "restored" && restored.readAt !== undefined ? wallMs - ms(now - restored.readAt) : 0;
  const seenMs = Math.max(history.lastSeenMs ?? 0, readMs);
  const awayMs = seenMs > 0 ? Math.max(0, Math.round(wallMs - seenMs)) : undefined;
  const away = awayMs === undefined ? [] : [`nobody had watched for ${duration(BigInt(awayMs) * 1_000_000n)}`];
  const cutOff = history.events?.isWhole === false ? ["the run before was cut off"] : [];
  return {
    kind: "program-started",
    awayMs,
    cause: [...cutOff, ...away, countersOf(restored), ...keptOf(history, now)].join("; "),
  };
}

function keptOf({ events, traffic }: History, now: Hrtime): string[] {
  const count = events?.events.length ?? 0;
  const [oldest] = [...(traffic?.record.values() ?? [])].flatMap(([first]) => first?.at ?? []).toSorted(ascending);
  const kept = [
    ...(count === 0 ? [] : [count === 1 ? "1 event" : `${count} events`]),
    ...(oldest === undefined ? [] : [`traffic of ${duration(now - oldest)}`]),
  ];
  return kept.length === 0 ? [] : [`restored: ${kept.join(" and ")}`];
}

function ascending(a: Hrtime, b: Hrtime): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function countersOf(restored: Restored): string {
  if (restored.kind === "begun") return `counters begin now: ${restored.reason}`;
  return restored.groups === 1 ? "counters of 1 group were kept" : `counters of ${restored.groups} groups were kept`;
}

function ms(nanoseconds: bigint): number {
  return Number(nanoseconds) / 1e6;
}
