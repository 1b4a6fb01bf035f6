/**
 * The files that are generated: for each dashboard the classic JSON that ships and the V2 resource, and the rules as
 * mixin.libsonnet takes them.
 */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { BEFORE_AND_AFTER } from "./before-and-after.ts";
import { classic, type Dashboard } from "./dashboard.ts";
import { EXPORTER_HEALTH } from "./exporter-health.ts";
import { FLEET_REDUNDANCY } from "./fleet-redundancy.ts";
import { GROUP_DETAIL } from "./group-detail.ts";
import { GROUPS } from "./groups.ts";
import { mixinRules } from "./mixin-rules.ts";
import { v2 } from "./v2.ts";

export const DASHBOARDS: readonly Dashboard[] = [FLEET_REDUNDANCY, GROUPS, GROUP_DETAIL, EXPORTER_HEALTH];
/** For those who move from node_exporter, and of no use afterwards. */
export const PASSING: readonly Dashboard[] = [BEFORE_AND_AFTER];
const RULES = ["alerts", "recording"] as const;

export interface Output {
  /** Below dashboards/generated/. */
  readonly path: string;
  readonly text: string;
}

/** @param folder dashboards/, where rules/ is read */
export function outputs(folder: string): Output[] {
  const dashboards = [...DASHBOARDS, ...PASSING].flatMap((dashboard) => {
    const name = `${dashboard.uid.replace(/^ipmp-/, "")}.json`;
    return [
      { path: name, text: json(classic(dashboard)) },
      { path: `v2/${name}`, text: json(v2(dashboard)) },
    ];
  });
  const rules = RULES.map((name) => ({
    path: `mixin/${name}.json`,
    text: json(mixinRules(parse(readFileSync(join(folder, "rules", `${name}.yml`), "utf8")))),
  }));
  return [...dashboards, ...rules];
}

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;
