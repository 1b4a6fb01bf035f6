/** The keys of the configuration file and the flags, from the schema and the table of flags. */

import { formatKeyPath } from "#src/config/configuration-error.js";
import { CONFIGURATION_FLAGS } from "#src/config/flags.js";
import { jsonSchema } from "#src/config/key-tree.js";
import { schema } from "#src/config/schema.js";
import { code, plain, table } from "./markdown.js";

/** @typedef {ReturnType<typeof jsonSchema>} Node */
/** @typedef {readonly (string | number)[]} KeyPath */

/**
 * @typedef {object} Key
 * @property {KeyPath} path 0 is any index of a list
 * @property {string} name as a person writes it: groups[].name
 * @property {string} expected what may stand there
 * @property {boolean} inside has keys of its own
 * @property {boolean} required
 * @property {unknown} standard its default; undefined for none
 * @property {string | undefined} origin where the default comes from, or what happens without the key
 * @property {string} meaning
 */

/** Every key of the file, a section's keys after it. @returns {readonly Key[]} */
export const keys = () => below(jsonSchema(), []);

/** @param {Node} node @param {KeyPath} path @returns {Key[]} */
function below(node, path) {
  return alternatives(node).flatMap((one) => {
    if (typeof one.items === "object" && !Array.isArray(one.items)) return below(one.items, [...path, 0]);
    return Object.entries(one.properties ?? {}).flatMap(([name, child]) => {
      if (typeof child !== "object") return [];
      const here = [...path, name];
      const inner = below(child, here);
      return [{ ...keyOf(here, child, inner.length > 0), required: one.required?.includes(name) ?? false }, ...inner];
    });
  });
}

/** @param {KeyPath} path @param {Node} node @param {boolean} inside @returns {Key} */
function keyOf(path, node, inside) {
  const { description, default: standard, origin, relativeTo } = node;
  const name = formatKeyPath(path).replaceAll("[0]", "[]");
  if (description === undefined) throw new Error(`${name} has no description below src/config/sections`);
  const meaning = [
    description,
    ...(typeof relativeTo === "string" ? [`A relative path starts ${relativeTo}.`] : []),
  ].join(" ");
  return {
    path,
    name,
    expected: expectedAt(path),
    inside,
    required: false,
    standard,
    origin: typeof origin === "string" ? origin : undefined,
    meaning,
  };
}

/** @param {Node} node @returns {readonly Node[]} */
function alternatives(node) {
  return node.anyOf ? node.anyOf.flatMap(alternatives) : [node];
}

/** The schema's own words for what is right: what its message says when something stands there that never is. @param {KeyPath} path */
function expectedAt(path) {
  /** @type {unknown} */
  let value = Symbol("nothing that a file could hold");
  for (const step of path.toReversed()) value = typeof step === "number" ? [value] : { [step]: value };
  const { error } = schema.safeParse(value);
  const message = issuesAt(error?.issues ?? [], path.join()).at(-1);
  if (message === undefined) throw new Error(`${formatKeyPath(path)} takes anything`);
  return message;
}

/**
 * Messages about one key; those of alternatives hang below the issue of the whole.
 * @param {readonly { path: readonly PropertyKey[], message: string, code?: string }[]} issues
 * @param {string} wanted
 * @param {readonly PropertyKey[]} [base]
 * @returns {string[]}
 */
function issuesAt(issues, wanted, base = []) {
  return issues.flatMap((issue) => {
    const path = [...base, ...issue.path];
    const inner = "errors" in issue ? /** @type {(typeof issues)[]} */ (issue.errors) : []; // invalid_union of zod
    const own = path.join() === wanted ? [issue.message] : [];
    return own.length > 0 ? own : inner.flatMap((branch) => issuesAt(branch, wanted, path));
  });
}

/** A table for each section of the file. */
export function keysSections() {
  const all = keys();
  const sections = [...new Set(all.map(({ path }) => path[0]))];
  return sections
    .map((section) => {
      const [head, ...rest] = all.filter(({ path }) => path[0] === section);
      if (head === undefined) return "";
      const rows = (rest.length > 0 ? rest : [head]).map(row);
      const standard = rest.length > 0 && head.standard !== undefined ? ` Default: ${defaultOf(head)}.` : "";
      const tableOfKeys = table(["key", "takes", "default, and whose it is", "meaning"], rows);
      return `### ${code(head.name)}\n\n${plain(head.meaning)}${standard}\n\n${tableOfKeys}`;
    })
    .join("\n\n");
}

/** @param {Key} key */
const row = (key) => [code(key.name), plain(key.expected), defaultOf(key), plain(key.meaning)];

/** @param {Key} key */
function defaultOf({ required, standard, origin = "" }) {
  if (required) return "*required*";
  return standard === undefined ? plain(origin) : `${code(flow(standard))} (${plain(origin)})`;
}

/** A default as the file would have it. @param {unknown} value @returns {string} */
export function flow(value) {
  if (Array.isArray(value)) return `[${value.map(flow).join(", ")}]`;
  if (typeof value === "object" && value !== null) {
    const fields = Object.entries(value).map(([name, field]) => `${name}: ${flow(field)}`);
    return fields.length === 0 ? "{}" : `{ ${fields.join(", ")} }`;
  }
  return typeof value === "string" && (value === "" || /^[*:[{]|: | #/.test(value))
    ? JSON.stringify(value)
    : String(value);
}

/** The flags of the daemon beside the keys that they set. */
export function flagsTable() {
  const rows = CONFIGURATION_FLAGS.map(({ name, value, key, kind, choices }) => [
    code(`--${name}${value === undefined ? "" : `=${value}`}`),
    code(formatKeyPath(key)),
    [
      kind === "list" ? "may be repeated; replaces the file's list" : "",
      kind === "boolean" ? `${code(`--no-${name}`)} turns it off` : "",
      choices?.join(", ") ?? "",
    ]
      .filter(Boolean)
      .join("; "),
  ]);
  return table(["flag", "key", ""], rows);
}
