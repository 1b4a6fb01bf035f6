/** PromQL as the tests look at it: parsed by the grammar of Prometheus's own editor, with Grafana's variables given values first. */

import { parser } from "@prometheus-io/lezer-promql";

export interface Matcher {
  readonly label: string;
  /** =, !=, =~ or !~ */
  readonly operator: string;
  readonly value: string;
}

export interface Selector {
  readonly metric: string;
  readonly matchers: readonly Matcher[];
  /** What stands between the brackets, where it selects a range. */
  readonly range: string | undefined;
  /** The function that is called with the selector, or with its range. */
  readonly calledBy: string | undefined;
}

export interface Parsed {
  /** Text around what the grammar did not understand. */
  readonly errors: readonly string[];
  readonly selectors: readonly Selector[];
}

/** Values that Grafana would fill in; durations as a dashboard over a short time would have them. */
export type Variables = Readonly<Record<string, string>>;

/** What $__rate_interval becomes when nothing else is said: a duration that nobody would write. */
export const RATE_INTERVAL = "7777s";

const ANY: Variables = { __rate_interval: RATE_INTERVAL, __interval: "60s", __range: "6h" };

/** Gives each variable its value; one without a value becomes `.+`, as "All" does. */
export function fillIn(expression: string, variables: Variables = {}): string {
  return expression.replaceAll(/\$\{?(\w+)\}?/g, (_, name: string) => {
    if (/^\d+$/.test(name)) return `$${name}`; // a group of label_replace
    return variables[name] ?? ANY[name] ?? ".+";
  });
}

export function parse(expression: string): Parsed {
  const errors: string[] = [];
  const selectors: Selector[] = [];
  const tree = parser.parse(expression);
  const text = ({ from, to }: { readonly from: number; readonly to: number }) => expression.slice(from, to);
  tree.iterate({
    enter({ node, type, from, to }) {
      if (type.isError) errors.push(expression.slice(Math.max(0, from - 20), to + 20));
      if (type.name !== "VectorSelector") return;
      const metric = node.getChild("Identifier");
      const matchers = node.getChild("LabelMatchers")?.getChildren("UnquotedLabelMatcher") ?? [];
      const ranged = node.parent?.name === "MatrixSelector" ? node.parent : undefined;
      const duration = ranged?.getChild("DurationExpr");
      const body = (ranged ?? node).parent;
      const call = body?.name === "FunctionCallBody" ? body.parent?.getChild("FunctionIdentifier") : undefined;
      selectors.push({
        metric: metric === null ? "" : text(metric),
        matchers: matchers.map((matcher) => {
          const [label, operator, value] = ["LabelName", "MatchOp", "StringLiteral"].map((name) => {
            const part = matcher.getChild(name);
            return part === null ? "" : text(part);
          });
          return { label: label ?? "", operator: operator ?? "", value: (value ?? "").slice(1, -1) };
        }),
        range: duration ? text(duration) : undefined,
        calledBy: call ? text(call) : undefined,
      });
    },
  });
  return { errors, selectors };
}
