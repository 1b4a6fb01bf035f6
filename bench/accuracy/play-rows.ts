/** A table of docs/ACCURACY.md whose rows are played one after another, each in a world of its own. */

import { parseArgs } from "node:util";
import type { Hooks } from "../../test/support/netns.ts";
import { alone } from "../support/alone.ts";
import { chosenRows } from "./chosen-rows.ts";
import { type Outcome, verdict } from "./outcome.ts";
import { writeBetween } from "./report.ts";

/** What came of a row, at least. */
export type Played = Pick<Outcome, "carried" | "said" | "bound" | "excess" | "faults">;

export interface Row<P extends Played> {
  readonly name: string;
  /** What happens, in a few words. */
  readonly title: string;
  /** Why something may be missing, or too much. */
  readonly explanation?: string;
  readonly play: (hooks: Hooks) => Promise<P>;
}

export interface Result<P extends Played> {
  readonly row: Row<P>;
  readonly played: P;
}

interface Table<P extends Played> {
  readonly rows: readonly Row<P>[];
  /** Of the place in docs/ACCURACY.md. */
  readonly marker: string;
  readonly tables: (results: readonly Result<P>[]) => string;
  /** What is printed of a row beside its verdict. */
  readonly remark?: (played: P) => string;
}

/** The paragraphs below a table that say why something may be missing. */
export function explanations(results: readonly Result<Played>[]): string[] {
  return results.flatMap(({ row: { name, explanation } }) =>
    explanation === undefined ? [] : [`\`${name}\`: ${explanation}.`],
  );
}

/**
 * @param args names of rows, or none for all; `--markdown` writes the table into the document, unless a row is wrong
 * @throws Error when a row does not exist
 */
export async function playRows<P extends Played>(args: readonly string[], table: Table<P>): Promise<void> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { markdown: { type: "boolean", default: false } },
  });
  const { rows, marker, tables, remark = () => "" } = table;
  const results: Result<P>[] = [];
  for (const row of chosenRows(rows, positionals)) {
    const played = await alone(row.play);
    results.push({ row, played });
    console.log(`${row.name}: ${verdict(played)}${remark(played)}`);
    for (const fault of played.faults.slice(0, 5)) console.log(`    FAULT: ${fault}`);
  }
  const text = tables(results);
  console.log(text);
  const isWrong = results.some(({ played }) => verdict(played) === "wrong");
  if (isWrong) process.exitCode = 1;
  else if (values.markdown) writeBetween(marker, text);
}
