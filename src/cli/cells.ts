/** Text in a terminal takes cells: a letter one, a Chinese character or an emoji two, a combining accent none (Unicode, UAX 11). */

import stringWidth from "string-width";

export function cellsOf(text: string): number {
  return stringWidth(text);
}

/** Filled with spaces up to `cells`; longer text stays as it is. */
export function padCells(text: string, cells: number): string {
  return text + " ".repeat(Math.max(0, cells - cellsOf(text)));
}

const SEGMENTER = new Intl.Segmenter();

/** At most `cells` wide: what is too long ends with an ellipsis. */
export function clipCells(text: string, cells: number): string {
  if (cellsOf(text) <= cells) return text;
  let clipped = "";
  let width = 0;
  for (const { segment } of SEGMENTER.segment(text)) {
    width += cellsOf(segment);
    if (width >= cells) break;
    clipped += segment;
  }
  return cells > 0 ? `${clipped}…` : "";
}

/** Broken at spaces into lines of at most `cells`, and no more than `most` of them: the last is clipped. */
export function wrapCells(text: string, cells: number, most: number): string[] {
  const lines: string[] = [];
  let rest = text;
  while (lines.length < most - 1 && cellsOf(rest) > cells) {
    const fits = clipCells(rest, cells + 1).length - 1; // without its ellipsis
    const at = rest.lastIndexOf(" ", fits);
    if (at <= 0) break;
    lines.push(rest.slice(0, at));
    rest = rest.slice(at + 1);
  }
  return [...lines, clipCells(rest, cells)];
}
