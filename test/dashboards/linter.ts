/**
 * The rules of grafana/dashboard-linter (docs/rules of that repository; those about Loki left out), for dashboards in the classic
 * schema. Stricter where its own look away: every kind of panel is looked at, and every selector is a counter by its name.
 */

import { fillIn, parse, RATE_INTERVAL, type Selector } from "./promql.ts";
import { type Dashboard, type Panel, panels, type Target } from "./shipped.ts";

/** What is wrong, in words; nothing when nothing is. */
export type Check = (dashboard: Dashboard) => string[];

/** Units of Grafana's list (packages/grafana-data/src/valueFormats/categories.ts) that mean something here. */
const UNITS = new Set(["none", "short", "percentunit", "bytes", "bps", "pps", "s", "bool_yes_no"]);

const DATASOURCES = new Set(["$datasource", "${datasource}"]);

const perPanel =
  (check: (panel: Panel) => string | undefined): Check =>
  (dashboard) =>
    panels(dashboard).flatMap((panel) => {
      const said = check(panel);
      return said === undefined ? [] : [`"${panel.title}": ${said}`];
    });

const perTarget = (check: (target: Target) => string | undefined): Check =>
  perPanel((panel) => panel.targets?.map(check).find((said) => said !== undefined));

const perSelector = (check: (selector: Selector) => string | undefined): Check =>
  perTarget(({ expr }) =>
    parse(fillIn(expr))
      .selectors.map((selector) => {
        const said = check(selector);
        return said === undefined ? undefined : `${selector.metric} ${said}`;
      })
      .find((said) => said !== undefined),
  );

const hasMatcher = (name: string): Check =>
  perTarget(({ expr }) =>
    parse(expr).selectors.every(({ matchers }) =>
      matchers.some(({ label, operator, value }) => label === name && operator === "=~" && value === `$${name}`),
    )
      ? undefined
      : `a selector without ${name}=~"$${name}"`,
  );

const hasVariable =
  (name: string): Check =>
  ({ templating }) => {
    const variable = templating.list.find((candidate) => candidate.name === name);
    if (variable === undefined) return [`there is no variable ${name}`];
    const wrong: string[] = [];
    if (variable.type !== "query") wrong.push(`${name} is no query`);
    if (!DATASOURCES.has(variable.datasource?.uid ?? "")) wrong.push(`${name} does not use the chosen data source`);
    if (variable.label?.toLowerCase() !== name) wrong.push(`${name} is labelled "${variable.label}"`);
    if (variable.multi !== true) wrong.push(`${name} allows one value only`);
    if (variable.allValue !== ".+") wrong.push(`${name} means "${variable.allValue}" by All`);
    return wrong;
  };

const queries = ({ templating }: Dashboard) => templating.list.filter(({ type }) => type === "query");

export const RULES = {
  "template-datasource-rule": ({ templating }) => {
    const sources = templating.list.filter(({ type }) => type === "datasource");
    const [source] = sources;
    if (sources.length !== 1 || source === undefined) return ["there is not one data source to choose"];
    return source.name === "datasource" && source.label === "Data source" ? [] : [`it is called ${source.name}`];
  },
  "template-job-rule": hasVariable("job"),
  "template-instance-rule": hasVariable("instance"),
  "template-label-promql-rule": (dashboard) =>
    queries(dashboard).flatMap(({ name, query = "" }) => {
      const selector = /^label_values\((.+), \w+\)$/.exec(query)?.[1];
      return selector !== undefined && parse(fillIn(selector)).errors.length === 0 ? [] : [`${name}: ${query}`];
    }),
  "template-on-time-change-reload-rule": (dashboard) =>
    queries(dashboard).flatMap(({ name, refresh }) => (refresh === 2 ? [] : [`${name} has refresh ${refresh}`])),
  "panel-datasource-rule": perPanel(({ datasource, targets = [] }) =>
    [datasource, ...targets.map((target) => target.datasource)].every((used) => DATASOURCES.has(used?.uid ?? ""))
      ? undefined
      : "it does not use the chosen data source",
  ),
  "panel-title-description-rule": perPanel(({ title = "", description = "" }) =>
    title === "" || description === "" ? "it has no title or no description" : undefined,
  ),
  "panel-units-rule": perPanel(({ fieldConfig }) => {
    const overrides = fieldConfig?.overrides.flatMap(({ properties }) => properties) ?? [];
    const units = [
      fieldConfig?.defaults.unit,
      ...overrides.filter(({ id }) => id === "unit").map(({ value }) => value),
    ];
    const wrong = units.filter((unit) => typeof unit !== "string" || !UNITS.has(unit));
    return wrong.length === 0 ? undefined : `its unit is ${wrong.join(", ") || "none at all"}`;
  }),
  "panel-no-targets-rule": perPanel(({ targets = [] }) => (targets.length === 0 ? "it asks for nothing" : undefined)),
  "target-promql-rule": perTarget(({ expr }) => {
    const { errors } = parse(fillIn(expr));
    return errors.length === 0 ? undefined : `no PromQL near "${errors.join('", "')}"`;
  }),
  "target-rate-interval-rule": perSelector(({ range, calledBy = "" }) =>
    ["rate", "irate"].includes(calledBy) && range !== RATE_INTERVAL ? `is rated over ${range}` : undefined,
  ),
  "target-job-rule": hasMatcher("job"),
  "target-instance-rule": hasMatcher("instance"),
  "target-counter-agg-rule": perSelector(({ metric, calledBy = "" }) =>
    metric.endsWith("_total") && !["rate", "irate", "increase"].includes(calledBy) ? "is used as it is" : undefined,
  ),
  "uneditable-dashboard": ({ editable }) => (editable ? ["it can be edited, and the change would be lost"] : []),
} satisfies Record<string, Check>;

export type RuleName = keyof typeof RULES;
