/** The outcomes of all steps as one table: what was done, what the kernel said of it, what the program said. */

import type { Outcome } from "./scenario.ts";

export function outcomeTable(outcomes: readonly Outcome[]): string {
  const rows = outcomes.map(({ scenario, step, kernel, program, asNobody, faults, seconds }) => [
    `${scenario}: ${step}`,
    kernel,
    asNobody === program ? program : `${program} [as nobody: ${asNobody}]`,
    faults.length === 0 ? "" : `${faults.length} wrong`,
    `${seconds.toFixed(1)} s`,
  ]);
  const table = [["what happens", "the kernel says", "the program says", "", ""], ...rows];
  const widths = table[0]?.map((_, column) => Math.max(...table.map((row) => row[column]?.length ?? 0))) ?? [];
  return table
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}
