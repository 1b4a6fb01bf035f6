/** Label sets are the same objects in every page: what a writer kept of the last page is found again by them. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { LabelSet } from "#src/exposition/prometheus/label-set.js";
import { MetricsPage } from "#src/exposition/prometheus/metrics.js";
import type { SampleWriter } from "#src/exposition/prometheus/sample-writer.js";
import { aSnapshot, EXAMPLE } from "../../support/snapshot.ts";

/** Takes samples, and keeps nothing of them but their label sets. */
function collector(): { readonly sets: Set<LabelSet>; readonly writer: SampleWriter } {
  const sets = new Set<LabelSet>();
  const take = (labels: LabelSet, more: LabelSet): void => void sets.add(labels).add(more);
  return {
    sets,
    writer: { family: () => true, integer: take, word: take, half: take, decimal: take, histogram: take },
  };
}

/** How many label sets of a page of the example are not among those. */
function newSets(page: MetricsPage, known: ReadonlySet<LabelSet>): number {
  const { sets, writer } = collector();
  page.write(EXAMPLE, writer);
  return [...sets].filter((set) => !known.has(set)).length;
}

test("label sets are the same in the next page, also when one was begun and ended while another was written", () => {
  const page = new MetricsPage();
  const { sets, writer } = collector();
  page.write(EXAMPLE, writer);
  assert.equal(newSets(page, sets), 0);
  const slow = page.steps(EXAMPLE, collector().writer);
  slow.next();
  assert.equal(newSets(page, sets), 0);
  while (!slow.next().done);
  assert.equal(newSets(page, sets), 0);
});

test("label sets of rows that are gone are forgotten", () => {
  const page = new MetricsPage();
  const { sets, writer } = collector();
  page.write(EXAMPLE, writer);
  page.write(aSnapshot(), collector().writer);
  assert.notEqual(newSets(page, sets), 0);
});
