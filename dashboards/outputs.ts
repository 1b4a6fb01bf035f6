/** The files that are generated: for each dashboard the classic JSON that ships, and the V2 resource. */

import { classic, type Dashboard } from "./dashboard.ts";
import { EXPORTER_HEALTH } from "./exporter-health.ts";
import { FLEET_REDUNDANCY } from "./fleet-redundancy.ts";
import { GROUP_DETAIL } from "./group-detail.ts";
import { GROUPS } from "./groups.ts";
import { v2 } from "./v2.ts";

export const DASHBOARDS: readonly Dashboard[] = [FLEET_REDUNDANCY, GROUPS, GROUP_DETAIL, EXPORTER_HEALTH];

export interface Output {
  /** Below dashboards/generated/. */
  readonly path: string;
  readonly text: string;
}

export function outputs(): Output[] {
  return DASHBOARDS.flatMap((dashboard) => {
    const name = `${dashboard.uid.replace(/^ipmp-/, "")}.json`;
    return [
      { path: name, text: json(classic(dashboard)) },
      { path: `v2/${name}`, text: json(v2(dashboard)) },
    ];
  });
}

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;
