/** What the pages lead to and speak of exists. */

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { dirname } from "node:path";
import { describe, test } from "node:test";
import { CONFIGURATION_FLAGS } from "#src/config/flags.js";
import { FAMILIES } from "#src/exposition/prometheus/metrics.js";
import { seriesName } from "#src/exposition/prometheus/sample-writer.js";
import { parse } from "../dashboards/promql.ts";
import { root } from "../support/root.ts";
import { fences, links, PAGES, page } from "./pages.ts";

const names = new Set([
  ...FAMILIES.flatMap((family) =>
    family.type === "histogram"
      ? ["", "_bucket", "_sum", "_count"].map((part) => family.name + part)
      : seriesName(family),
  ),
  "ipmp_exporter_build_info",
]);

/** Series of node_exporter and of snmp_exporter, in the page on coming from there. */
const FOREIGN = /^(?:node_|if[A-Z])/;

describe("links and pictures", () => {
  for (const path of PAGES) {
    test(`of ${path} lead to files that exist`, () => {
      const missing = links(page(path)).filter((target) => !existsSync(root(dirname(path), target)));
      assert.deepEqual(missing, []);
    });
  }
});

describe("expressions", () => {
  const expressions = PAGES.flatMap((path) =>
    fences(page(path))
      .filter(({ language }) => language === "promql")
      .map(({ text, line }) => ({ where: `${path}:${line}`, expression: text.trim() })),
  );

  test("are there", () => assert.ok(expressions.length > 10));

  for (const { where, expression } of expressions) {
    test(`${where} is PromQL over metrics that are served`, () => {
      const { errors, selectors } = parse(expression);
      assert.deepEqual(errors, []);
      assert.ok(selectors.length > 0);
      const unknown = selectors
        .map(({ metric }) => metric)
        .filter((metric) => !names.has(metric) && !FOREIGN.test(metric));
      assert.deepEqual(unknown, []);
    });
  }
});

describe("names", () => {
  for (const path of PAGES) {
    test(`in ${path} are those of the program`, () => {
      const words = [...page(path).matchAll(/`([^`\n]+)`/g)].map(([, word = ""]) => word);
      const metrics = words.flatMap(
        (word) =>
          /^(ipmp_(?:group|member|state|audit|source|counter|snmp|scrape|join|kstat)\w*)(?:\{.*)?$/.exec(word)?.[1] ??
          [],
      );
      assert.deepEqual(
        metrics.filter(
          (name) => !names.has(name) && ![...names].some((known) => name.endsWith("_") && known.startsWith(name)),
        ),
        [],
      );
      const flags = words.flatMap(
        (word) => /^--((?:web|snmp|control|state|log|path|config)\.[\w.-]+)/.exec(word)?.[1] ?? [],
      );
      const known = new Set([...CONFIGURATION_FLAGS.map(({ name }) => name), "config.file", "config.check"]);
      assert.deepEqual(
        flags.filter((flag) => !known.has(flag)),
        [],
      );
    });
  }
});
