/** dashboards/generated/ is what `npm run dashboards` writes, and both models of a dashboard say the same. */

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { outputs, DASHBOARDS as SOURCES } from "../../dashboards/outputs.ts";
import { root } from "../support/root.ts";
import { DASHBOARDS, dashboard, panels } from "./shipped.ts";

const generated = (path: string) => readFileSync(root("dashboards", "generated", path), "utf8");

interface V2 {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly title: string;
    readonly elements: Readonly<Record<string, V2Element>>;
    readonly layout: {
      readonly kind: string;
      readonly spec: {
        readonly rows: readonly {
          readonly spec: {
            readonly layout: {
              readonly spec: {
                readonly items: readonly { readonly spec: { readonly element: { readonly name: string } } }[];
              };
            };
          };
        }[];
      };
    };
    readonly variables: readonly { readonly spec: { readonly name: string } }[];
  };
}

interface V2Element {
  readonly spec: {
    readonly title: string;
    readonly description: string;
    readonly vizConfig: { readonly group: string };
    readonly data: {
      readonly spec: {
        readonly queries: readonly {
          readonly spec: { readonly query: { readonly spec: { readonly expr: string } } };
        }[];
      };
    };
  };
}

describe("dashboards/generated", () => {
  test("is up to date (mend it with: npm run dashboards)", () => {
    const expected = outputs(root("dashboards"));
    for (const { path, text } of expected) assert.equal(generated(path), text, path);
    const files = readdirSync(root("dashboards", "generated"), { recursive: true, withFileTypes: true });
    assert.equal(files.filter((file) => file.isFile()).length, expected.length, "a file that nothing generates");
  });

  test("holds a dashboard for each source, in the classic schema that Grafana 10 and later import", () => {
    assert.deepEqual(
      DASHBOARDS.map((name) => dashboard(name).uid),
      SOURCES.map(({ uid }) => uid),
    );
    for (const name of DASHBOARDS) assert.equal(dashboard(name).schemaVersion, 42);
  });
});

for (const name of DASHBOARDS) {
  describe(name, () => {
    const classic = dashboard(name);
    const v2 = JSON.parse(generated(`v2/${name}.json`)) as V2; // our own file

    test("has the same panels, queries and variables in both models", () => {
      assert.equal(v2.apiVersion, "dashboard.grafana.app/v2");
      assert.equal(v2.kind, "Dashboard");
      assert.equal(v2.metadata.name, classic.uid);
      assert.deepEqual(
        Object.values(v2.spec.elements).map(({ spec }) => ({
          title: spec.title,
          description: spec.description,
          type: spec.vizConfig.group,
          queries: spec.data.spec.queries.map(({ spec: { query } }) => query.spec.expr),
        })),
        panels(classic).map(({ title, description, type, targets = [] }) => ({
          title,
          description,
          type,
          queries: targets.map(({ expr }) => expr),
        })),
      );
      assert.deepEqual(
        v2.spec.variables.map(({ spec }) => spec.name),
        classic.templating.list.map((variable) => variable.name),
      );
    });

    test("places each panel of the V2 layout once", () => {
      const placed = v2.spec.layout.spec.rows.flatMap(({ spec }) =>
        spec.layout.spec.items.map((item) => item.spec.element.name),
      );
      assert.deepEqual(placed, Object.keys(v2.spec.elements));
    });

    test("has panels that fill the grid without overlapping", () => {
      const taken = new Map<string, string>();
      for (const { title = "", gridPos } of classic.panels) {
        assert.ok(gridPos.x + gridPos.w <= 24, `"${title}" reaches over the edge`);
        for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++) {
          for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
            assert.equal(taken.get(`${x},${y}`), undefined, `"${title}" lies over another panel at ${x},${y}`);
            taken.set(`${x},${y}`, title);
          }
        }
      }
      const height = Math.max(...classic.panels.map(({ gridPos }) => gridPos.y + gridPos.h));
      for (let y = 0; y < height; y++) {
        for (let x = 0; x < 24; x++) assert.ok(taken.has(`${x},${y}`), `a hole at ${x},${y}`);
      }
    });

    test("gives no two panels the same id or title", () => {
      const all = panels(classic);
      assert.equal(new Set(classic.panels.map(({ id }) => id)).size, classic.panels.length);
      assert.equal(new Set(all.map(({ title }) => title)).size, all.length);
    });

    test("shows in its tables only fields that a query brings", () => {
      for (const panel of panels(classic).filter(({ type }) => type === "table")) {
        const include = panel.transformations?.find(({ id }) => id === "filterFieldsByName")?.options as
          | { readonly include: { readonly names: readonly string[] } }
          | undefined; // panel.ts makes no other
        const values = include?.include.names.filter((field) => field.startsWith("Value")) ?? [];
        const refs = panel.targets?.map(({ refId }) => `Value #${refId}`) ?? [];
        // Grafana numbers the values of several queries only.
        const brought = new Set(refs.length === 1 ? ["Value"] : refs);
        for (const value of values) assert.ok(brought.has(value), `${panel.title}: ${value}`);
      }
    });
  });
}
