/** Plots with logarithmic axes, as SVG that is read on light and on dark paper. */

export interface Line {
  readonly name: string;
  /** Both above 0. */
  readonly points: readonly { readonly x: number; readonly y: number }[];
}

export interface Panel {
  readonly title: string;
  readonly lines: readonly Line[];
}

const WIDTH = 420;
const HEIGHT = 280;
const MARGIN = { left: 52, right: 14, top: 34, bottom: 40 };
/** Of the lines, in turn; told apart by people who do not see colours by their dashes. */
const STROKES = [
  { colour: "#d95f02", dash: "" },
  { colour: "#1f78b4", dash: "6 3" },
  { colour: "#7a7a7a", dash: "2 3" },
];
const LEGEND_ROW = 18;

function strokeOf(line: number): { readonly colour: string; readonly attributes: string } {
  const { colour, dash } = STROKES[line % STROKES.length] ?? { colour: "currentColor", dash: "" };
  return { colour, attributes: `stroke="${colour}" stroke-width="2" stroke-dasharray="${dash}"` };
}

interface Axis {
  readonly from: number;
  readonly to: number;
  /** Powers of ten, and the ends of the axis at least. */
  readonly ticks: readonly number[];
}

/** Whole powers of ten around the values. */
function axisOf(values: readonly number[]): Axis {
  const from = Math.floor(Math.log10(Math.min(...values)));
  const to = Math.max(Math.ceil(Math.log10(Math.max(...values))), from + 1);
  return { from, to, ticks: Array.from({ length: to - from + 1 }, (_, index) => 10 ** (from + index)) };
}

const share = (value: number, { from, to }: Axis): number => (Math.log10(value) - from) / (to - from);

function panelOf(xTitle: string, { title, lines }: Panel, left: number): string {
  const points = lines.flatMap((line) => line.points);
  const xs = axisOf(points.map(({ x }) => x));
  const ys = axisOf(points.map(({ y }) => y));
  const inner = { width: WIDTH - MARGIN.left - MARGIN.right, height: HEIGHT - MARGIN.top - MARGIN.bottom };
  const xOf = (x: number): string => (MARGIN.left + share(x, xs) * inner.width).toFixed(1);
  const yOf = (y: number): string => (MARGIN.top + (1 - share(y, ys)) * inner.height).toFixed(1);
  const bottom = HEIGHT - MARGIN.bottom;
  const right = WIDTH - MARGIN.right;
  return [
    `<g transform="translate(${left} 0)">`,
    `<text class="title" x="${MARGIN.left}" y="20">${title}</text>`,
    ...ys.ticks.map(
      (tick) =>
        `<path class="grid" d="M${MARGIN.left} ${yOf(tick)}H${right}"/><text x="${MARGIN.left - 6}" y="${Number(yOf(tick)) + 4}" text-anchor="end">${tick}</text>`,
    ),
    ...xs.ticks.map(
      (tick) =>
        `<path class="grid" d="M${xOf(tick)} ${MARGIN.top}V${bottom}"/><text x="${xOf(tick)}" y="${bottom + 16}" text-anchor="middle">${tick}</text>`,
    ),
    `<text x="${(MARGIN.left + right) / 2}" y="${bottom + 33}" text-anchor="middle">${xTitle}</text>`,
    ...lines.map(({ points: of }, index) => {
      const { colour, attributes } = strokeOf(index);
      const drawn = of.map(({ x, y }) => `${xOf(x)},${yOf(y)}`).join(" ");
      const dots = of.map(({ x, y }) => `<circle cx="${xOf(x)}" cy="${yOf(y)}" r="3" fill="${colour}"/>`).join("");
      return `<polyline points="${drawn}" fill="none" ${attributes}/>${dots}`;
    }),
    "</g>",
  ].join("\n");
}

/** One panel beside the other, with one legend below them: the lines of all panels have the same names. */
export function plot(xTitle: string, panels: readonly Panel[]): string {
  const names = panels[0]?.lines.map(({ name }) => name) ?? [];
  const width = WIDTH * panels.length + MARGIN.right; // the last number of an axis is as wide as two margins
  const height = HEIGHT + LEGEND_ROW * names.length + 10;
  const legend = names.map((name, index) => {
    const y = HEIGHT + LEGEND_ROW * index + 8;
    return `<path d="M${MARGIN.left} ${y}h28" ${strokeOf(index).attributes}/><text x="${MARGIN.left + 36}" y="${y + 4}">${name}</text>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img">
<title>${panels.map(({ title }) => title).join("; ")}, against ${xTitle}</title>
<style>
text { font: 12px sans-serif; fill: #333 }
.title { font-weight: bold }
.grid { stroke: #8886; fill: none }
@media (prefers-color-scheme: dark) { text { fill: #ddd } }
</style>
${panels.map((panel, index) => panelOf(xTitle, panel, index * WIDTH)).join("\n")}
${legend.join("\n")}
</svg>
`;
}
