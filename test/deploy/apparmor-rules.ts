/** File rules of an AppArmor profile (apparmor.d(5)), as apparmor_parser has put its parts together: which paths may be used, and how. */

import { run } from "./support.ts";

interface FileRule {
  readonly path: RegExp;
  /** Letters of r, w, m, x and others. */
  readonly access: string;
}

/** Those of the profile in `file`, with everything that it includes. @throws Error when it is no profile */
export function fileRules(file: string): readonly FileRule[] {
  const { status, output } = run("apparmor_parser", ["--preprocess", "--skip-kernel-load", file]);
  if (status !== 0) throw new Error(output);
  const variables = new Map<string, readonly string[]>();
  for (const [, name = "", sign, values = ""] of output.matchAll(/^\s*@\{(\w+)\}\s*(\+?=)\s*(.*)$/gm))
    variables.set(name, [...(sign === "+=" ? (variables.get(name) ?? []) : []), ...values.trim().split(/\s+/)]);
  const rule = /^\s*(?:allow\s+)?(?:owner\s+)?((?:\/|@\{)\S*)\s+([a-zA-Z]+)\s*,/gm;
  return [...output.matchAll(rule)].map(([, glob = "", access = ""]) => ({
    path: new RegExp(`^${expression(expanded(glob, variables)).replaceAll(/\/+/g, "/")}$`),
    access,
  }));
}

/** `access` is one letter. */
export function allows(rules: readonly FileRule[], path: string, access: string): boolean {
  return rules.some((rule) => rule.access.includes(access) && rule.path.test(path));
}

/** With the values of variables in braces in their places. */
function expanded(glob: string, variables: ReadonlyMap<string, readonly string[]>): string {
  const result = glob.replaceAll(
    /@\{(\w+)\}/g,
    (_, name: string) => `{${(variables.get(name) ?? []).map((value) => value.replace(/\/$/, "")).join(",")}}`,
  );
  return result === glob ? result : expanded(result, variables);
}

/** A glob of apparmor.d(5) as a regular expression. */
function expression(glob: string): string {
  let depth = 0;
  return glob.replaceAll(/\*\*|\*|\?|\[[^\]]*\]|[{},]|[.+^$()|\\]/g, (token) => {
    switch (token) {
      case "**":
        return ".*";
      case "*":
        return "[^/]*";
      case "?":
        return "[^/]";
      case "{":
        depth++;
        return "(?:";
      case "}":
        depth--;
        return ")";
      case ",":
        return depth > 0 ? "|" : ",";
      default:
        return token.startsWith("[") ? token : `\\${token}`;
    }
  });
}
