/**
 * The rules as mixin.libsonnet takes them: their expressions as format strings of jsonnet (which has no parser of PromQL), with a place at every selector, at
 * every limit that can be set, and at the interval of rates. With the mixin's defaults they are the rules of rules/*.yml again; a test compares.
 */

import { parser } from "@prometheus-io/lezer-promql";

/** Limits by alert: what stands in the rule, and the name of the option in `_config.thresholds`. */
const LIMITS: Readonly<Record<string, readonly (readonly [text: string, option: string])[]>> = {
  IPMPGroupNoRedundancy: [["< 2", "usableMembers"]],
  IPMPGroupFlapping: [["> 3", "failovers"]],
  IPMPProbeLoss: [["> 0.05", "probeLoss"]],
  IPMPProbeRoundTripHigh: [["> 0.005 + 3", "roundTripGrowth"]],
  IPMPGroupInsufficientHeadroom: [["> 0.9", "loadWithoutLargest"]],
  IPMPGroupImbalanced: [
    ["> 1.5", "imbalance"],
    ["> 1e6", "imbalanceBytes"],
  ],
  IPMPCertificateEnds: [["< 7", "certificateDays"]],
};

interface Rule {
  readonly alert?: string;
  readonly record?: string;
  readonly expr: string;
}

interface Rules {
  readonly groups: readonly { readonly name: string; readonly rules: readonly Rule[] }[];
}

/** @throws Error when a limit is not where it is said to be */
export function mixinRules({ groups }: Rules): Rules {
  return { groups: groups.map((group) => ({ ...group, rules: group.rules.map(mixinRule) })) };
}

function mixinRule(rule: Rule): Rule {
  const { alert = "", record, expr } = rule;
  const limited = (LIMITS[alert] ?? []).reduce((text, [limit, option]) => {
    if (text.split(limit).length !== 2) throw new Error(`${alert}: "${limit}" is not there once`);
    return text.replace(limit, limit.replace(/\S+$/, `%(${option})s`));
  }, selected(expr));
  return {
    ...rule,
    ...(record !== undefined && { record: rated(record) }),
    expr: record === undefined ? rated(limited) : rated(limited).replaceAll("[5m]", "[%(rateInterval)s]"),
  };
}

/** Names of recorded rates say over what time they are. */
const rated = (text: string): string => text.replaceAll("rate5m", "rate%(rateInterval)s");

/** `up` becomes `up%(alone)s`, and `up{job="x"}` becomes `up{%(first)sjob="x"}`: with a selector, its braces or its comma are part of what is put there. */
function selected(expr: string): string {
  const places: { readonly at: number; readonly text: string }[] = [];
  parser.parse(expr).iterate({
    enter({ node, type, to }) {
      if (type.name !== "VectorSelector") return;
      const matchers = node.getChild("LabelMatchers");
      places.push(matchers === null ? { at: to, text: "%(alone)s" } : { at: matchers.from + 1, text: "%(first)s" });
    },
  });
  return places.reduceRight((text, { at, text: place }) => text.slice(0, at) + place + text.slice(at), expr);
}
