/** What ships in dashboards/, as far as the tests read it. */

import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { root } from "../support/root.ts";

export interface Dashboard {
  readonly uid: string;
  readonly title: string;
  readonly description?: string;
  readonly schemaVersion: number;
  readonly editable: boolean;
  readonly templating: { readonly list: readonly Variable[] };
  readonly annotations: { readonly list?: readonly { readonly name: string; readonly expr?: string }[] };
  readonly panels: readonly Panel[];
}

export interface Variable {
  readonly type: string;
  readonly name: string;
  readonly label?: string;
  readonly query?: string;
  readonly datasource?: { readonly uid?: string };
  readonly multi?: boolean;
  readonly allValue?: string;
  readonly refresh?: number;
}

export interface Property {
  readonly id: string;
  readonly value?: unknown;
}

export interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title?: string;
  readonly description?: string;
  readonly datasource?: { readonly type?: string; readonly uid?: string };
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets?: readonly Target[];
  readonly transformations?: readonly { readonly id: string; readonly options: unknown }[];
  readonly fieldConfig?: {
    readonly defaults: { readonly unit?: string; readonly mappings?: readonly unknown[] };
    readonly overrides: readonly {
      readonly matcher: { readonly options?: unknown };
      readonly properties: readonly Property[];
    }[];
  };
}

export interface Target {
  readonly refId: string;
  readonly expr: string;
  readonly legendFormat?: string;
  readonly instant?: boolean;
  readonly range?: boolean;
  readonly format?: string;
  readonly datasource?: { readonly uid?: string };
}

export interface Rule {
  readonly alert?: string;
  readonly record?: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

interface RuleFile {
  readonly groups: readonly { readonly name: string; readonly rules: readonly Rule[] }[];
}

export const DASHBOARDS = ["fleet-redundancy", "groups", "group-detail", "exporter-health"] as const;

/** The classic JSON of a dashboard. */
export function dashboard(name: (typeof DASHBOARDS)[number]): Dashboard {
  return JSON.parse(readFileSync(root("dashboards", "generated", `${name}.json`), "utf8")) as Dashboard; // our own file
}

export function panels({ panels }: Dashboard): Panel[] {
  return panels.filter(({ type }) => type !== "row");
}

export function rulesPath(name: "alerts" | "recording"): string {
  return root("dashboards", "rules", `${name}.yml`);
}

export function rules(name: "alerts" | "recording"): Rule[] {
  const file = parse(readFileSync(rulesPath(name), "utf8")) as RuleFile; // promtool checks its form
  return file.groups.flatMap((group) => group.rules);
}
