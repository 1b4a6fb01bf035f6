/** A dashboard as rows of panels, and its classic JSON (schemaVersion 42), which every Grafana from 10 on imports. */

import {
  AnnotationQueryBuilder,
  type Dashboard as Classic,
  DashboardBuilder,
  DashboardCursorSync,
  DashboardLinkBuilder,
  DashboardLinkType,
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  RowBuilder,
  VariableRefresh,
  VariableSort,
} from "@grafana/grafana-foundation-sdk/dashboard";
import { DATASOURCE_REF, type Sized } from "./panel.ts";
import { groups } from "./queries.ts";
import { DATASOURCE, type QueryVariable } from "./variables.ts";

export interface Dashboard {
  /** In the URL; never changed, since people keep links. */
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  readonly variables: readonly QueryVariable[];
  readonly rows: readonly Row[];
  /** Whether failovers are marked in its graphs. */
  readonly marksFailovers: boolean;
}

export interface Row {
  readonly title: string;
  readonly panels: readonly Sized[];
}

export const TAG = "ipmp";
export const TIME = { from: "now-6h", to: "now", refresh: "30s" } as const;
/** Columns of Grafana's grid. */
const GRID_WIDTH = 24;

/** Drawn where the exporter says that a failover was, not where a scrape noticed it: the metric's value is the time. */
export const FAILOVER_MARK = {
  name: "Failovers",
  expr: groups.failoverInstant,
  iconColor: "orange",
  titleFormat: "Failover of {{group}}",
  textFormat: "{{instance}}",
  tagKeys: "group",
} as const;

/** Panels with numbers and places, left to right and wrapped at the grid's edge. @returns and the first free line */
export function place(panels: readonly Sized[], top: number, firstId: number): { panels: Sized[]; bottom: number } {
  let x = 0;
  let y = top;
  let lineHeight = 0;
  const placed = panels.map((panel, index) => {
    const { w, h } = panel.gridPos;
    if (x + w > GRID_WIDTH) {
      x = 0;
      y += lineHeight;
      lineHeight = 0;
    }
    const gridPos = { x, y, w, h };
    x += w;
    lineHeight = Math.max(lineHeight, h);
    return { ...panel, id: firstId + index, gridPos };
  });
  return { panels: placed, bottom: y + lineHeight };
}

export function classic(dashboard: Dashboard): Classic {
  const builder = new DashboardBuilder(dashboard.title)
    .uid(dashboard.uid)
    .description(dashboard.description)
    .tags([TAG])
    .readonly()
    .timezone("browser")
    .time({ from: TIME.from, to: TIME.to })
    .refresh(TIME.refresh)
    .tooltip(DashboardCursorSync.Crosshair)
    .link(links())
    .withVariable(new DatasourceVariableBuilder(DATASOURCE.name).label(DATASOURCE.label).type(DATASOURCE.plugin));
  for (const variable of dashboard.variables) builder.withVariable(queryVariable(variable));
  if (dashboard.marksFailovers) builder.annotation(failoverMark());

  let bottom = 0;
  let id = 1;
  for (const row of dashboard.rows) {
    builder.withRow(new RowBuilder(row.title).id(id).gridPos({ x: 0, y: bottom, w: GRID_WIDTH, h: 1 }));
    const placed = place(row.panels, bottom + 1, id + 1);
    for (const panel of placed.panels) builder.withPanel({ build: () => panel });
    bottom = placed.bottom;
    id += 1 + row.panels.length;
  }
  return builder.build();
}

function links(): DashboardLinkBuilder {
  return new DashboardLinkBuilder("Redundant links")
    .type(DashboardLinkType.Dashboards)
    .tags([TAG])
    .asDropdown(false)
    .keepTime(true)
    .includeVars(true);
}

function queryVariable({ name, label, query, description, all, multi }: QueryVariable): QueryVariableBuilder {
  const builder = new QueryVariableBuilder(name)
    .label(label)
    .description(description)
    .datasource(DATASOURCE_REF)
    .query(query)
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .sort(VariableSort.NaturalAsc)
    .multi(multi)
    .includeAll(all)
    .allValue(".+");
  return all ? builder.current({ selected: true, text: "All", value: "$__all" }) : builder;
}

function failoverMark(): AnnotationQueryBuilder {
  const { name, expr, iconColor, titleFormat, textFormat, tagKeys } = FAILOVER_MARK;
  return new AnnotationQueryBuilder()
    .name(name)
    .datasource(DATASOURCE_REF)
    .enable(true)
    .hide(false)
    .iconColor(iconColor)
    .expr(expr)
    .titleFormat(titleFormat)
    .textFormat(textFormat)
    .tagKeys(tagKeys)
    .useValueForTime(true);
}
