/**
 * The same dashboard as a V2 resource (dashboard.grafana.app/v2), Grafana's current model: panels are elements, places are a layout.
 * A visualisation's options and field configuration are the same JSON in both models, so they are taken from the classic panel.
 */

import type { Panel } from "@grafana/grafana-foundation-sdk/dashboard";
import {
  AnnotationQueryBuilder,
  DashboardBuilder,
  DashboardCursorSync,
  DashboardLinkBuilder,
  DashboardLinkType,
  type DataQueryKind,
  DatasourceVariableBuilder,
  type FieldConfigSource,
  GridBuilder,
  GridItemBuilder,
  manifest,
  PanelBuilder,
  QueryGroupBuilder,
  QueryVariableBuilder,
  RowBuilder,
  RowsBuilder,
  TargetBuilder,
  TimeSettingsBuilder,
  TransformationBuilder,
  VariableRefresh,
  VariableSort,
  VizConfigKindBuilder,
} from "@grafana/grafana-foundation-sdk/dashboardv2";
import { type Dataquery, QueryV2Builder } from "@grafana/grafana-foundation-sdk/prometheus";
import type { Manifest } from "@grafana/grafana-foundation-sdk/resource";
import { type Dashboard, FAILOVER_MARK, place, TAG, TIME } from "./dashboard.ts";
import { DATASOURCE, type QueryVariable } from "./variables.ts";

const DATASOURCE_NAME = { name: `\${${DATASOURCE.name}}` } as const;
/** Version of the visualisation plugins whose options these are; Grafana migrates older ones. */
const PLUGIN_VERSION = "12.0.0";

export function v2(dashboard: Dashboard): Manifest {
  const builder = new DashboardBuilder(dashboard.title)
    .description(dashboard.description)
    .tags([TAG])
    .editable(false)
    .preload(false)
    .liveNow(false)
    .cursorSync(DashboardCursorSync.Crosshair)
    .timeSettings(new TimeSettingsBuilder().timezone("browser").from(TIME.from).to(TIME.to).autoRefresh(TIME.refresh))
    .links([
      new DashboardLinkBuilder()
        .title("Redundant links")
        .type(DashboardLinkType.Dashboards)
        .icon("external link")
        .tooltip("")
        .url("")
        .tags([TAG])
        .asDropdown(false)
        .targetBlank(false)
        .keepTime(true)
        .includeVars(true),
    ])
    .variable(new DatasourceVariableBuilder(DATASOURCE.name).label(DATASOURCE.label).pluginId(DATASOURCE.plugin));
  for (const variable of dashboard.variables) builder.variable(queryVariable(variable));
  builder.annotations(dashboard.marksFailovers ? [failoverMark()] : []);

  const rows = new RowsBuilder();
  let id = 1;
  for (const { title, panels } of dashboard.rows) {
    const grid = new GridBuilder();
    for (const panel of place(panels, 0, id + 1).panels) {
      const name = `panel-${panel.id}`;
      builder.element(name, element(panel));
      const { x, y, w, h } = panel.gridPos;
      grid.item(new GridItemBuilder().name(name).x(x).y(y).width(w).height(h));
    }
    rows.row(new RowBuilder().title(title).collapse(false).layout(grid));
    id += 1 + panels.length;
  }
  return manifest(dashboard.uid, builder.layout(rows)).build();
}

function element(panel: Panel): PanelBuilder {
  const group = new QueryGroupBuilder();
  for (const target of (panel.targets ?? []) as Dataquery[]) group.target(query(target)); // panel.ts makes no other
  for (const { id, options } of panel.transformations ?? []) {
    group.transformation(new TransformationBuilder().group(id).options(options));
  }
  const visualisation = new VizConfigKindBuilder()
    .group(panel.type)
    .version(PLUGIN_VERSION)
    .spec({
      options: panel.options ?? {},
      // The two models declare the same enumerations twice; their values are equal.
      fieldConfig: (panel.fieldConfig ?? { defaults: {}, overrides: [] }) as unknown as FieldConfigSource,
    });
  return new PanelBuilder()
    .id(panel.id ?? 0)
    .title(panel.title ?? "")
    .description(panel.description ?? "")
    .links([])
    .data(group)
    .visualization(visualisation);
}

function query({ expr, refId, legendFormat, instant, format }: Dataquery): TargetBuilder {
  const builder = new QueryV2Builder()
    .datasource(DATASOURCE_NAME)
    .expr(expr)
    .instant(instant === true);
  builder.range(instant !== true);
  if (format !== undefined) builder.format(format);
  if (legendFormat !== undefined) builder.legendFormat(legendFormat);
  return new TargetBuilder()
    .refId(refId ?? "A")
    .hidden(false)
    .query(builder);
}

function queryVariable({ name, label, query, description, all, multi }: QueryVariable): QueryVariableBuilder {
  const builder = new QueryVariableBuilder(name)
    .label(label)
    .description(description)
    .query({ build: () => labelQuery(query) })
    .definition(query)
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .sort(VariableSort.NaturalAsc)
    .multi(multi)
    .includeAll(all)
    .allValue(".+");
  return all ? builder.current({ text: "All", value: "$__all" }) : builder;
}

/** As the variable editor of Grafana's Prometheus data source saves it; the SDK has no builder for it. */
function labelQuery(query: string): DataQueryKind {
  const spec = { qryType: 1, query, refId: "PrometheusVariableQueryEditor-VariableQuery" };
  return { kind: "DataQuery", group: DATASOURCE.plugin, version: "v0", datasource: DATASOURCE_NAME, spec };
}

function failoverMark(): AnnotationQueryBuilder {
  const { name, expr, iconColor, ...formats } = FAILOVER_MARK;
  return new AnnotationQueryBuilder()
    .name(name)
    .enable(true)
    .hide(false)
    .iconColor(iconColor)
    .query(new QueryV2Builder().datasource(DATASOURCE_NAME).expr(expr))
    .legacyOptions({ ...formats, useValueForTime: true });
}
