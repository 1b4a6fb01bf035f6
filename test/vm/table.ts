/**
 * The outcomes of all steps as one table: what was done, what the kernel said of it, what the program said, the speeds on which both
 * agree; below a row what the program says of what fails together, where that was asked, and what its events told.
 */

import type { Outcome } from "./scenario.ts";

const HEADER = ["what happens", "the kernel says", "the program says", "Mb/s", "", ""];

export function outcomeTable(outcomes: readonly Outcome[]): string {
  const rows = outcomes.map(({ scenario, step, kernel, program, asNobody, speeds, faults, seconds }) => [
    `${scenario}: ${step}`,
    kernel,
    asNobody === program ? program : `${program} [as nobody: ${asNobody}]`,
    speeds,
    faults.length === 0 ? "" : `${faults.length} wrong`,
    `${seconds.toFixed(1)} s`,
  ]);
  const table = [HEADER, ...rows];
  const widths = HEADER.map((_, column) => Math.max(...table.map((row) => row[column]?.length ?? 0)));
  const lines = table.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
  return lines.flatMap((line, n) => [line, ...below(outcomes[n - 1])]).join("\n");
}

function below(outcome: Outcome | undefined): string[] {
  if (outcome === undefined) return [];
  const { fate, fateAsNobody, events, faults } = outcome;
  const asNobody = fateAsNobody === fate ? "" : ` [as nobody: ${fateAsNobody}]`;
  return [
    ...(fate === undefined ? [] : [`  fate: ${fate}${asNobody}`]),
    ...events.map((event) => `  event: ${event}`),
    ...faults.map((fault) => `  wrong: ${fault}`),
  ];
}
