/** Which kstats and statistics are meant: shell patterns, or regular expressions between slashes (kstat(8)). */

import { Failure } from "../command.ts";
import type { Kstat } from "./report.ts";

/** Each undefined or empty: any. */
export interface Selector {
  readonly module?: string | undefined;
  readonly instance?: string | undefined;
  readonly name?: string | undefined;
  readonly statistic?: string | undefined;
  readonly class?: string | undefined;
}

/** `module[:instance[:name[:statistic]]]`; undefined when there are more parts. */
export function parseSelector(operand: string): Selector | undefined {
  // A regular expression may hold colons of its own.
  const [module, instance, name, statistic, ...rest] = operand.match(/(?<=^|:)(?:\/[^/]*\/|[^:]*)(?=:|$)/g) ?? [];
  return rest.length > 0 ? undefined : { module, instance, name, statistic };
}

/**
 * What the selectors select, without kstats of which nothing is left; one that two selectors fit is there twice, as kstat(8) prints it. Class is
 * a statistic of its own in `withClass`.
 */
export function select(kstats: readonly Kstat[], selectors: readonly Selector[], withClass: boolean): Kstat[] {
  const compiled = selectors.map(compile);
  return kstats.flatMap((kstat) => {
    const fitting = compiled.filter(({ fits }) => fits(kstat));
    if (fitting.length === 0) return [];
    const all = withClass ? insertClass(kstat) : kstat.statistics;
    return fitting.flatMap((selector) => {
      const statistics = all.filter(({ name }) => selector.statistic(name));
      return statistics.length === 0 ? [] : [{ ...kstat, statistics }];
    });
  });
}

/** The class, among the statistics in their order. */
function insertClass({ statistics, class: value }: Kstat): Kstat["statistics"] {
  const after = statistics.findIndex(({ name }) => name.toLowerCase() > "class");
  return statistics.toSpliced(after === -1 ? statistics.length : after, 0, { name: "class", value });
}

type Test = (text: string) => boolean;

function compile(selector: Selector): { readonly fits: (kstat: Kstat) => boolean; readonly statistic: Test } {
  const [module, instance, name, ofClass] = [selector.module, selector.instance, selector.name, selector.class].map(
    pattern,
  );
  const any: Test = () => true;
  return {
    fits: (kstat) =>
      (module ?? any)(kstat.module) &&
      (instance ?? any)(String(kstat.instance)) &&
      (name ?? any)(kstat.name) &&
      (ofClass ?? any)(kstat.class),
    statistic: pattern(selector.statistic) ?? any,
  };
}

/** @throws Failure for a regular expression that is none. */
function pattern(text: string | undefined): Test | undefined {
  if (text === undefined || text === "") return undefined;
  const [, expression] = /^\/(.*)\/$/.exec(text) ?? [];
  try {
    const compiled = new RegExp(expression ?? globSource(text), "s");
    return (value) => compiled.test(value);
  } catch {
    throw new Failure(
      `kstat: "${text}" is not a pattern: expected a shell pattern, or a regular expression in slashes`,
    );
  }
}

/** gmatch(3GEN): `*`, `?`, `[a-z]`, `[!a-z]` and a backslash before what is meant literally. */
function globSource(glob: string): string {
  const source = glob.replaceAll(
    /\\(.)|\[(!?)([^\]]+)\]|[\s\S]/g,
    (token, literal?: string, not?: string, set?: string) => {
      if (literal !== undefined) return quoted(literal);
      if (set !== undefined) return `[${not === "" ? "" : "^"}${set.replaceAll(/[\\^]/g, "\\$&")}]`;
      return token === "*" ? ".*" : token === "?" ? "." : quoted(token);
    },
  );
  return `^${source}$`;
}

function quoted(literal: string): string {
  return literal.replaceAll(/[.*+?^${}()|[\]\\/]/g, "\\$&");
}
