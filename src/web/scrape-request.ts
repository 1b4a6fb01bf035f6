/** What a scraper asks for beside the format: which collectors, as node_exporter has it, and by when. */

import type { Request } from "express";
import { COLLECTORS } from "../exposition/prometheus/metrics.ts";
import { HttpError } from "./route.ts";

export interface ScrapeRequest {
  /** Which collectors: their names in order, the same text for the same choice. */
  readonly choice: string;
  readonly isWanted: (collector: string) => boolean;
  /** Milliseconds after which nobody waits for the answer any more; Infinity where the scraper does not say. */
  readonly timeoutMs: number;
}

const NAMES: ReadonlySet<string> = new Set(COLLECTORS.map(({ name }) => name));
const ALL = [...NAMES].join();

/** @throws HttpError 400 for a collector that is none, and for both lists at once */
export function scrapeRequest({ query, headers }: Request): ScrapeRequest {
  const timeoutMs = timeoutOf(headers["x-prometheus-scrape-timeout-seconds"]);
  const collect = collectorsOf(query["collect[]"]);
  const exclude = collectorsOf(query["exclude[]"]);
  if (collect.size === 0 && exclude.size === 0) return { choice: ALL, isWanted: () => true, timeoutMs };
  if (collect.size > 0 && exclude.size > 0)
    throw new HttpError(400, "Expected either collect[] or exclude[], not both");
  const isWanted = (name: string): boolean => (collect.size > 0 ? collect.has(name) : !exclude.has(name));
  return { choice: [...NAMES].filter(isWanted).join(), isWanted, timeoutMs };
}

function collectorsOf(parameter: unknown): ReadonlySet<string> {
  const names = [parameter ?? []].flat().map(String);
  for (const name of names) {
    if (!NAMES.has(name))
      throw new HttpError(400, `No collector ${JSON.stringify(name)}: expected ${[...NAMES].join(", ")}`);
  }
  return new Set(names);
}

/** No scraper waits for longer, and timers take no more than some days. */
const LONGEST_SECONDS = 3600;

/** Seconds, as Prometheus writes them: "10", "0.5". */
function timeoutOf(header: string | string[] | undefined): number {
  const seconds = Number(header);
  return seconds > 0 && seconds <= LONGEST_SECONDS ? seconds * 1000 : Infinity;
}
