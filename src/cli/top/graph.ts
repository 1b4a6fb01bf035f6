/** Small graphs made of characters: a bar and a sparkline, where the terminal takes UTF-8 and where it does not. */

export interface Marks {
  /** From nothing to full. */
  readonly levels: readonly string[];
  readonly full: string;
  readonly empty: string;
  /** Stands before the marked line. */
  readonly pointer: string;
  /** Where a text is cut. */
  readonly ellipsis: string;
}

export const UNICODE: Marks = { levels: " ▁▂▃▄▅▆▇█".split(""), full: "█", empty: "·", pointer: "▸", ellipsis: "…" };
export const ASCII: Marks = { levels: " .:-=+*#@".split(""), full: "#", empty: ".", pointer: ">", ellipsis: "~" };

/** As the locale says (locale(7)). */
export function marksOf({ LC_ALL, LC_CTYPE, LANG, TERM }: NodeJS.ProcessEnv): Marks {
  return /utf-?8/i.test(LC_ALL || LC_CTYPE || LANG || "") && TERM !== "linux" ? UNICODE : ASCII;
}

/** The last values, the newest at the right, against `most`. */
export function sparkline(values: readonly number[], cells: number, most: number, { levels }: Marks): string {
  const shown = values.slice(-cells);
  const top = levels.length - 1;
  const line = shown.map(
    (value) => levels[value <= 0 ? 0 : Math.max(1, Math.min(top, Math.ceil((value / most) * top)))],
  );
  return line.join("").padStart(cells);
}

/** `share` of 1, at least one mark for whatever is more than nothing. */
export function bar(share: number, cells: number, { full, empty }: Marks): string {
  const filled = share <= 0 ? 0 : Math.max(1, Math.min(cells, Math.round(share * cells)));
  return full.repeat(filled) + empty.repeat(cells - filled);
}
