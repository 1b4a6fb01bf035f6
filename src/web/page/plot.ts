/**
 * Traffic over the last minutes, the last hour or day as SVG: received upwards, sent downwards, the members stacked, so that a failover is seen as one
 * colour making way for another under the same outline. Drawn by the server: it is there without a script. The values of each step stand in
 * attributes, for the crosshair that the page's script adds.
 */

import type { Hrtime } from "../../kstat/hrtime.ts";
import { type Html, html, type Part } from "./markup.ts";
import { bitsPerSecond } from "../../wording/quantity.ts";
import type { Rate, RatePoint, Span } from "./traffic-history.ts";

/** One member's rates. `colour` is its number among the style sheet's. */
export interface Layer {
  readonly name: string;
  readonly colour: number;
  readonly points: readonly RatePoint[];
}

/** Something that happened, as a line across the plot. */
export interface Mark {
  readonly at: bigint;
  readonly text: string;
  readonly sign: string;
}

const BUCKETS = 100;
/** In units of the drawing, which is stretched to the width that there is. */
const STEP = 3;
const WIDTH = BUCKETS * STEP;
const HALF = 50;
/** Below this the scale does not go, so that a lone packet is not a mountain. */
const LEAST_SCALE = 1_000;

export interface PlotContext {
  /** Of the group. */
  readonly name: string;
  readonly now: Hrtime;
  /** The same instant in milliseconds since 1970. */
  readonly wallMs: number;
  readonly span: Span;
  /** Bits per second that would be left if the fastest member went; undefined while a speed is unknown. */
  readonly remaining: number | undefined;
}

export function plot(
  layers: readonly Layer[],
  marks: readonly Mark[],
  { name, now, wallMs, span, remaining }: PlotContext,
): Html {
  const bucketNs = span.windowNs / BigInt(BUCKETS);
  // Buckets lie on multiples of their length: the picture moves as a whole instead of trembling.
  const end = (now / bucketNs + 1n) * bucketNs;
  const begin = end - span.windowNs;
  const averages = layers.map(({ points }) => average(points, begin, bucketNs));
  const outline = averages.at(-1) === undefined ? [] : stacked(averages, averages.length);
  const peak = {
    receive: Math.max(0, ...outline.map((rate) => rate?.receive ?? 0)),
    transmit: Math.max(0, ...outline.map((rate) => rate?.transmit ?? 0)),
  };
  const scale = roundUp(Math.max(peak.receive, peak.transmit, LEAST_SCALE));
  // The outermost first: each one inside covers what is not its own.
  const areas = layers
    .map(({ colour, name: device }, index) => {
      const rates = stacked(averages, index + 1);
      const own = averages[index] ?? [];
      return html`<path class="m${colour}" data-name="${device}" data-in="${values(own, "receive")}" data-out="${values(own, "transmit")}" d="${area(rates, "receive", scale)}${area(rates, "transmit", scale)}"/>`;
    })
    .reverse();
  const lines = marks
    .filter(({ at }) => at >= begin)
    .map(({ at, text, sign }) => {
      const steps = Number(((at - begin) * 100n) / bucketNs) / 100;
      return html`<path class="mark ${sign}" data-step="${Math.floor(steps)}" d="M${(steps * STEP).toFixed(1)} 0v${2 * HALF}"><title>${text}</title></path>`;
    });
  // What comes first is on top: a failure, and not who took over in the same instant.
  lines.reverse();
  const summary = `Traffic of the last ${span.words}: received up to ${bitsPerSecond(peak.receive)}, sent up to ${bitsPerSecond(peak.transmit)}`;
  const beginMs = wallMs - Number(now - begin) / 1e6;
  const moments = gridMoments(beginMs, span);
  return html`<figure class="plot" data-begin="${Math.round(beginMs)}" data-step-ms="${Number(bucketNs) / 1e6}">
<svg viewBox="0 0 ${WIDTH} ${2 * HALF}" preserveAspectRatio="none" role="img" aria-label="${summary}">
<path class="grid" d="M0 .5h${WIDTH}M0 25h${WIDTH}M0 75h${WIDTH}M0 99.5h${WIDTH}${moments.map(({ share }) => `M${(share * WIDTH).toFixed(1)} 0v${2 * HALF}`).join("")}"/>
${areas}<path class="axis" d="M0 ${HALF}h${WIDTH}"/>${limitLine(remaining, scale)}${lines}
</svg>
<span class="in" aria-hidden="true">in ${bitsPerSecond(scale)}</span><span class="out" aria-hidden="true">out ${bitsPerSecond(scale)}</span>
<div class="cross" data-keep hidden tabindex="0" role="slider" aria-label="Moment in the traffic of ${name}" aria-valuemin="0" aria-valuemax="${BUCKETS - 1}" aria-valuenow="${BUCKETS - 1}" aria-valuetext="now"></div>
<figcaption aria-hidden="true"><span>${span.ago}</span><svg class="times">${moments.map(timeBelow)}</svg><span>now</span></figcaption>
</figure>`;
}

/** Where a time below the plot has room, between the words at its ends: shares of its width, and of that in a narrow window. */
const ROOM = { begin: 0.15, end: 0.93 };
const NARROW_ROOM = { begin: 0.36, end: 0.86 };

interface Moment {
  /** Since 1970, whole minutes of every clock. */
  readonly ms: number;
  /** Of the width, from the left. */
  readonly share: number;
}

/** Where the lines of the grid are: at round times of the clock. */
function gridMoments(beginMs: number, { windowNs, gridMs }: Span): Moment[] {
  const windowMs = Number(windowNs) / 1e6;
  const first = Math.ceil(beginMs / gridMs) * gridMs;
  const count = Math.max(0, Math.ceil((beginMs + windowMs - first) / gridMs));
  return Array.from({ length: count }, (_, n) => {
    const ms = first + n * gridMs;
    return { ms, share: (ms - beginMs) / windowMs };
  });
}

/** A time of the grid, where the words at the ends leave room for it. */
function timeBelow({ ms, share }: Moment): Part {
  const fits = ({ begin, end }: typeof ROOM): boolean => share > begin && share < end;
  if (!fits(ROOM)) return undefined;
  const wide = !fits(NARROW_ROOM) && html` class="wide"`;
  return html`<text x="${(100 * share).toFixed(1)}%" y="75%" data-at="${ms}"${wide}>${new Date(ms).toISOString().slice(11, 16)}Z</text>`;
}

/** Bits per second in each step, nothing where nothing is known. */
function values(rates: readonly (Rate | undefined)[], direction: keyof Rate): string {
  return rates.map((rate) => (rate ? Math.round(rate[direction]) : "")).join();
}

/** What could still be carried if the fastest member went, where the scale reaches so far. */
function limitLine(remaining: number | undefined, scale: number): Part {
  if (remaining === undefined || remaining === 0 || remaining > scale) return undefined;
  const height = (HALF * remaining) / scale;
  const text = `${bitsPerSecond(remaining)} could be carried without the largest member`;
  return html`<path class="limit" d="M0 ${(HALF - height).toFixed(1)}h${WIDTH}M0 ${(HALF + height).toFixed(1)}h${WIDTH}"><title>${text}</title></path>`;
}

/** Mean rate of each bucket; undefined where nothing is known. */
function average(points: readonly RatePoint[], begin: bigint, bucketNs: bigint): readonly (Rate | undefined)[] {
  const sums = Array.from({ length: BUCKETS }, () => ({ receive: 0, transmit: 0, covered: 0 }));
  for (const { from, to, receive, transmit } of points) {
    const first = from <= begin ? 0 : Number((from - begin) / bucketNs);
    for (let index = first; index < BUCKETS; index++) {
      const bucketBegin = begin + BigInt(index) * bucketNs;
      const overlap = Number(least(to, bucketBegin + bucketNs) - most(from, bucketBegin));
      if (overlap <= 0) break;
      const sum = sums[index];
      if (sum === undefined) break;
      sum.receive += receive * overlap;
      sum.transmit += transmit * overlap;
      sum.covered += overlap;
    }
  }
  return sums.map(({ receive, transmit, covered }) =>
    covered === 0 ? undefined : { receive: receive / covered, transmit: transmit / covered },
  );
}

/** Sums of the first `count` layers; undefined where none of them has a value. */
function stacked(layers: readonly (readonly (Rate | undefined)[])[], count: number): readonly (Rate | undefined)[] {
  return Array.from({ length: BUCKETS }, (_, index) => {
    const rates = layers.slice(0, count).flatMap((layer) => layer[index] ?? []);
    if (rates.length === 0) return undefined;
    return {
      receive: rates.reduce((sum, { receive }) => sum + receive, 0),
      transmit: rates.reduce((sum, { transmit }) => sum + transmit, 0),
    };
  });
}

/** Steps from the axis, one for each bucket, equal ones in one. */
function area(rates: readonly (Rate | undefined)[], direction: keyof Rate, scale: number): string {
  const sign = direction === "receive" ? -1 : 1;
  const heights = rates.map((rate) => HALF + (sign * HALF * (rate?.[direction] ?? 0)) / scale);
  let path = `M0 ${HALF}`;
  let last = "";
  let width = 0;
  for (const height of heights) {
    const y = height.toFixed(1).replace(/\.0$/, "");
    if (y !== last) {
      path += `${width === 0 ? "" : `h${width}`}V${y}`;
      last = y;
      width = 0;
    }
    width += STEP;
  }
  return `${path}h${width}V${HALF}z`;
}

/** The next of 1, 2, 5, 10, 20, … */
function roundUp(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  return ([1, 2, 5, 10].find((step) => step * power >= value) ?? 10) * power;
}

function least(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}

function most(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}
