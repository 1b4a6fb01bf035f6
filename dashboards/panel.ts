/** The kinds of panels that the dashboards are made of, each as a function of what differs, with one look for all. */

import { PanelBuilder as BarGaugeBuilder } from "@grafana/grafana-foundation-sdk/bargauge";
import {
  BarGaugeDisplayMode,
  BigValueColorMode,
  BigValueGraphMode,
  GraphGradientMode,
  GraphThresholdsStyleConfigBuilder,
  GraphThresholdsStyleMode,
  LegendDisplayMode,
  LegendPlacement,
  ReduceDataOptionsBuilder,
  SortOrder,
  StackingConfigBuilder,
  StackingMode,
  TooltipDisplayMode,
  VisibilityMode,
  VizLegendOptionsBuilder,
  VizOrientation,
  VizTooltipOptionsBuilder,
} from "@grafana/grafana-foundation-sdk/common";
import {
  type DashboardLink,
  type DynamicConfigValue,
  FieldColorBuilder,
  FieldColorModeId,
  type Panel,
  type Threshold,
  ThresholdsConfigBuilder,
  ThresholdsMode,
} from "@grafana/grafana-foundation-sdk/dashboard";
import { DataqueryBuilder, PromQueryFormat } from "@grafana/grafana-foundation-sdk/prometheus";
import { PanelBuilder as StatBuilder } from "@grafana/grafana-foundation-sdk/stat";
import { PanelBuilder as StateTimelineBuilder } from "@grafana/grafana-foundation-sdk/statetimeline";
import { PanelBuilder as TableBuilder } from "@grafana/grafana-foundation-sdk/table";
import { PanelBuilder as TimeSeriesBuilder } from "@grafana/grafana-foundation-sdk/timeseries";
import { GOOD, mapping, NEUTRAL, type Shown } from "./states.ts";
import { DATASOURCE } from "./variables.ts";

export interface Query {
  readonly expr: string;
  /** Grafana's notation: `{{group}}`. */
  readonly legend?: string;
}

/** A limit and the colour from there on. */
export type Limit = readonly [from: number, color: string];

interface About {
  readonly title: string;
  /** What the reader learns from it, and what to do about it. */
  readonly description: string;
  /** A unit of Grafana's list: "bps", "percentunit", "short". */
  readonly unit: string;
  /** Of 24 columns. */
  readonly width: number;
  /** In grid units of about 30 pixels. */
  readonly height: number;
  readonly queries: readonly Query[];
  /** Colour below the first limit; green unless it says something else. */
  readonly base?: string;
  readonly limits?: readonly Limit[];
  readonly states?: readonly Shown[];
  readonly decimals?: number;
  readonly min?: number;
  readonly max?: number;
  /** Shown instead of "No data" where emptiness is an answer. */
  readonly noValue?: string;
}

export const DATASOURCE_REF = { type: DATASOURCE.plugin, uid: `\${${DATASOURCE.name}}` } as const;

/** A, B, C …: how a panel names its queries. */
const refId = (index: number): string => String.fromCharCode("A".charCodeAt(0) + index);

type AnyBuilder = StatBuilder | TimeSeriesBuilder | StateTimelineBuilder | TableBuilder | BarGaugeBuilder;

function describe<B extends AnyBuilder>(builder: B, about: About, moment: "now" | "history" | "table"): B {
  const { title, description, unit, base = GOOD, limits = [], states, decimals, min, max, noValue } = about;
  const steps: Threshold[] = [{ value: null, color: base }, ...limits.map(([value, color]) => ({ value, color }))];
  builder
    .title(title)
    .description(description)
    .datasource(DATASOURCE_REF)
    .unit(unit)
    .thresholds(new ThresholdsConfigBuilder().mode(ThresholdsMode.Absolute).steps(steps));
  if (states !== undefined) builder.mappings(mapping(states));
  if (decimals !== undefined) builder.decimals(decimals);
  if (min !== undefined) builder.min(min);
  if (max !== undefined) builder.max(max);
  if (noValue !== undefined) builder.noValue(noValue);
  for (const [index, { expr, legend }] of about.queries.entries()) {
    const query = new DataqueryBuilder().datasource(DATASOURCE_REF).expr(expr).refId(refId(index));
    if (moment === "history") query.range();
    else query.instant();
    if (moment === "table") query.format(PromQueryFormat.Table);
    else query.format(PromQueryFormat.TimeSeries);
    if (legend !== undefined) query.legendFormat(legend);
    builder.withTarget(query);
  }
  return builder;
}

/** A built panel with its size; dashboard.ts gives it a place. */
export type Sized = Panel & { readonly gridPos: { readonly w: number; readonly h: number } };

function sized(builder: AnyBuilder, { width, height }: About): Sized {
  return { ...builder.build(), gridPos: { x: 0, y: 0, w: width, h: height } };
}

const colored = (mode: FieldColorModeId) => new FieldColorBuilder().mode(mode);
const lastValue = () => new ReduceDataOptionsBuilder().calcs(["lastNotNull"]).fields("").values(false);

/** One number, coloured by its limits or states. */
export function stat(about: About): Sized {
  const builder = describe(new StatBuilder(), about, "now")
    .reduceOptions(lastValue())
    .colorScheme(colored(FieldColorModeId.Thresholds))
    .graphMode(BigValueGraphMode.None)
    .colorMode(about.base === NEUTRAL && about.limits === undefined ? BigValueColorMode.None : BigValueColorMode.Value);
  return sized(builder, about);
}

interface Series extends About {
  /** Layers on top of each other instead of lines. */
  readonly stacked?: boolean;
  /** Series whose name matches are drawn below zero: transmitted against received. */
  readonly below?: string;
  /** Colours by series name. */
  readonly colors?: Readonly<Record<string, string>>;
}

/** Lines over time, with a table of last and greatest values. */
export function timeSeries(about: Series): Sized {
  const builder = describe(new TimeSeriesBuilder(), about, "history")
    .colorScheme(colored(FieldColorModeId.PaletteClassicByName))
    .lineWidth(1)
    .fillOpacity(about.stacked === true ? 60 : 10)
    .gradientMode(about.stacked === true ? GraphGradientMode.None : GraphGradientMode.Opacity)
    .showPoints(VisibilityMode.Never)
    .axisSoftMin(0)
    .stacking(new StackingConfigBuilder().mode(about.stacked === true ? StackingMode.Normal : StackingMode.None))
    .legend(
      new VizLegendOptionsBuilder()
        .showLegend(true)
        .displayMode(LegendDisplayMode.Table)
        .placement(LegendPlacement.Bottom)
        .calcs(["lastNotNull", "max"]),
    )
    .tooltip(new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi).sort(SortOrder.Descending));
  if (about.below !== undefined) {
    builder.overrideByRegexp(about.below, [{ id: "custom.transform", value: "negative-Y" }]);
  }
  for (const [name, fixedColor] of Object.entries(about.colors ?? {})) {
    builder.overrideByName(name, [{ id: "color", value: { mode: "fixed", fixedColor } }]);
  }
  if (about.limits !== undefined) {
    builder.thresholdsStyle(new GraphThresholdsStyleConfigBuilder().mode(GraphThresholdsStyleMode.Dashed));
  }
  return sized(builder, about);
}

/** States over time, one bar for each series. */
export function timeline(about: About): Sized {
  const builder = describe(new StateTimelineBuilder(), about, "history")
    .colorScheme(colored(FieldColorModeId.Thresholds))
    .mergeValues(true)
    .showValue(VisibilityMode.Auto)
    .rowHeight(0.85)
    .lineWidth(0)
    .fillOpacity(80)
    .perPage(20)
    .legend(
      new VizLegendOptionsBuilder()
        .showLegend(true)
        .displayMode(LegendDisplayMode.List)
        .placement(LegendPlacement.Bottom),
    )
    .tooltip(new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Single));
  return sized(builder, about);
}

/** Bars, longest first as the query sorts them. */
export function bars(about: About): Sized {
  const builder = describe(new BarGaugeBuilder(), about, "now")
    .reduceOptions(lastValue())
    .colorScheme(colored(FieldColorModeId.Thresholds))
    .orientation(VizOrientation.Horizontal)
    .displayMode(BarGaugeDisplayMode.Basic);
  return sized(builder, about);
}

/** A column of a table: a label, or the value of the query with that refId. */
export type Column = {
  readonly name: string;
  readonly unit?: string;
  readonly decimals?: number;
  readonly width?: number;
  readonly states?: readonly Shown[];
  readonly limits?: readonly Limit[];
  readonly base?: string;
  readonly noValue?: string;
  /** Asked only for the labels that it brings. */
  readonly hidden?: boolean;
  /** Where a click leads. */
  readonly link?: { readonly title: string; readonly url: string };
} & ({ readonly label: string } | Query);

interface Table extends Omit<About, "queries" | "states" | "limits" | "base"> {
  /** Left to right. */
  readonly columns: readonly Column[];
  /** Worst first: the column to sort by, and which end is worst. */
  readonly sort: { readonly by: string; readonly descending: boolean };
}

const isQuery = (column: Column): column is Column & Query => "expr" in column;

/** One row for each set of labels, its columns from several queries. */
export function table(about: Table): Sized {
  const { columns, sort } = about;
  const queries = columns.filter(isQuery);
  const sourceName = (column: Column): string =>
    !isQuery(column) ? column.label : queries.length === 1 ? "Value" : `Value #${refId(queries.indexOf(column))}`;
  const visible = columns.filter(({ hidden }) => hidden !== true);
  const renameByName = Object.fromEntries(visible.map((column) => [sourceName(column), column.name]));
  const builder = describe(new TableBuilder(), { ...about, queries: queries.map(({ expr }) => ({ expr })) }, "table")
    .colorScheme(colored(FieldColorModeId.Thresholds))
    .filterable(true)
    // First, since rows whose __name__ or time differ would not be merged.
    .withTransformation({
      id: "filterFieldsByName",
      options: { include: { names: visible.map(sourceName) } },
    })
    .withTransformation({ id: "merge", options: {} })
    .withTransformation({
      id: "organize",
      options: {
        renameByName,
        indexByName: Object.fromEntries(visible.map((column, index) => [sourceName(column), index])),
        excludeByName: {},
      },
    })
    .withTransformation({
      id: "sortBy",
      options: { fields: {}, sort: [{ field: sort.by, desc: sort.descending }] },
    });
  for (const column of visible) {
    const said = properties(column);
    if (said.length > 0) builder.overrideByName(column.name, said);
  }
  return sized(builder, { ...about, queries });
}

function properties(column: Column): DynamicConfigValue[] {
  const { unit, decimals, width, states, limits, base = NEUTRAL, noValue, link } = column;
  const said: DynamicConfigValue[] = [];
  const say = (id: string, value: unknown) => value !== undefined && said.push({ id, value });
  say("unit", unit);
  say("decimals", decimals);
  say("custom.width", width);
  say("noValue", noValue);
  if (states !== undefined) {
    say("mappings", mapping(states));
    say("custom.cellOptions", { type: "color-background", mode: "basic" });
  }
  if (limits !== undefined) {
    const steps = [{ value: null, color: base }, ...limits.map(([value, color]) => ({ value, color }))];
    say("thresholds", { mode: "absolute", steps });
    say("custom.cellOptions", { type: "color-text" });
  }
  if (link !== undefined) say("links", [link satisfies Partial<DashboardLink>]);
  return said;
}
