/**
 * Round trips of the last minutes as a small line, the longest of each few seconds, with a stroke where a probe was lost. Drawn by the server, as
 * the plot is.
 */

import { type Html, html } from "./markup.ts";
import { milliseconds } from "../../wording/quantity.ts";

/** One probe. */
export interface RoundTrip {
  /** Milliseconds since 1970. */
  readonly sentMs: number;
  /** Nanoseconds; undefined: it was lost. */
  readonly duration: number | undefined;
}

/** The last five minutes, also beside a plot of an hour or a day. */
const WINDOW_MS = 300_000;

const BUCKETS = 60;
const BUCKET_MS = WINDOW_MS / BUCKETS;
/** In units of the drawing, which is stretched to the width that there is. */
const STEP = 2;
const WIDTH = BUCKETS * STEP;
const HEIGHT = 20;
/** Nanoseconds below which the scale does not go: what is quick is not to look restless. */
const LEAST_SCALE = 1_000_000;

interface Bucket {
  longest: number | undefined;
  lost: number;
}

/** `probes` in any order; those that are older than the window are left out. */
export function sparkline(probes: readonly RoundTrip[], nowMs: number): Html {
  // Buckets lie on multiples of their length: the picture moves as a whole instead of trembling.
  const begin = (Math.floor(nowMs / BUCKET_MS) + 1 - BUCKETS) * BUCKET_MS;
  const buckets = Array.from({ length: BUCKETS }, (): Bucket => ({ longest: undefined, lost: 0 }));
  for (const { sentMs, duration } of probes) {
    const bucket = buckets[Math.floor((sentMs - begin) / BUCKET_MS)];
    if (bucket === undefined) continue;
    if (duration === undefined) bucket.lost++;
    else bucket.longest = Math.max(bucket.longest ?? 0, duration);
  }
  const peak = Math.max(LEAST_SCALE, ...buckets.map(({ longest }) => longest ?? 0));
  return html`<svg class="spark" viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none" role="img" aria-label="${summary(probes, begin)}">
<path class="lost" d="${strokes(buckets)}"/><path class="trip" d="${line(buckets, peak)}"/></svg>`;
}

function strokes(buckets: readonly Bucket[]): string {
  return buckets.map(({ lost }, index) => (lost === 0 ? "" : `M${index * STEP + STEP / 2} 0v${HEIGHT}`)).join("");
}

/** A level line in each bucket, joined to the next where that has one too. */
function line(buckets: readonly Bucket[], peak: number): string {
  let isDrawing = false;
  return buckets
    .map(({ longest }, index) => {
      if (longest === undefined) {
        isDrawing = false;
        return "";
      }
      const y = (HEIGHT - 1 - ((HEIGHT - 2) * longest) / peak).toFixed(1);
      const start = isDrawing ? `V${y}` : `M${index * STEP} ${y}`;
      isDrawing = true;
      return `${start}h${STEP}`;
    })
    .join("");
}

function summary(probes: readonly RoundTrip[], begin: number): string {
  const shown = probes.filter(({ sentMs }) => sentMs >= begin);
  const trips = shown.flatMap(({ duration }) => duration ?? []);
  const lost = `${shown.length - trips.length} of ${shown.length} lost`;
  if (trips.length === 0) return `Probes of the last 5 minutes: ${lost}`;
  const mean = trips.reduce((sum, one) => sum + one, 0) / trips.length;
  return `Round trips of the last 5 minutes: ${milliseconds(mean)} on average, ${milliseconds(Math.max(...trips))} at most, ${lost}`;
}
