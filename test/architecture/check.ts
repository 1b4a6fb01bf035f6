/** The rules of table.ts against a set of files; each violation is one line that says where, what and why not. */

import { builtinModules } from "node:module";
import { posix } from "node:path";
import { type Import, imports } from "./imports.ts";
import { FOLDERS, type Folder, HOMELESS_NAMES, IMPURE } from "./table.ts";
import { type Token, tokens } from "./tokens.ts";

/** Path from the package's root ("src/ipmp/group.ts") → text. */
export type Files = ReadonlyMap<string, string>;

interface Parsed {
  readonly path: string;
  readonly folder: Folder | undefined;
  readonly tokens: readonly Token[];
  readonly imports: readonly Import[];
}

const within = (path: string, folder: string): boolean => path === folder || path.startsWith(`${folder}/`);

/** The row for a file below src/; undefined when no row fits. */
function folderOf(path: string): Folder | undefined {
  const below = posix.relative("src", path);
  return FOLDERS.filter((folder) => within(below, folder.path)).sort((a, b) => b.path.length - a.path.length)[0];
}

function parse(files: Files): Parsed[] {
  return [...files].map(([path, text]) => {
    const found = tokens(text);
    return { path, folder: folderOf(path), tokens: found, imports: imports(found) };
  });
}

/** Path of the imported source file, that of the bundle "#program" (package.json, imports) too; undefined for a package or a module of Node. */
function target(from: string, specifier: string): string | undefined {
  if (specifier.startsWith("#src/")) return posix.join("src", specifier.slice("#src/".length).replace(/\.js$/, ".ts"));
  if (specifier === "#program") return "src/cli/run.ts";
  if (!specifier.startsWith(".")) return undefined;
  return posix.join(posix.dirname(from), specifier).replace(/\.js$/, ".ts");
}

/** "express" of "express/lib/router", "@scope/name" of "@scope/name/part". */
const packageOf = (specifier: string): string => specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/");

const isNode = (specifier: string): boolean =>
  specifier.startsWith("node:") || builtinModules.includes(packageOf(specifier));

/** Every file has a row in the table, so that every file has import directions. */
export function homeless(files: Files): string[] {
  return parse(files).flatMap(({ path, folder }) => {
    const name = posix.basename(path).split(".", 1)[0] ?? "";
    const parts = [...posix.dirname(path).split("/"), name];
    const bad = parts.find((part) => HOMELESS_NAMES.test(part));
    return [
      ...(folder === undefined
        ? [`${path}: no row of test/architecture/table.ts is for it; say there what it may import`]
        : []),
      ...(bad === undefined
        ? []
        : [`${path}: "${bad}" is no noun of the field; put each function beside what it serves`]),
    ];
  });
}

function allows(folder: Folder, below: string, typeOnly: boolean): boolean {
  return folder.may.some((arrow) => {
    const [path, forTypes] = arrow.startsWith("type ") ? [arrow.slice("type ".length), true] : [arrow, false];
    return within(below, path) && (typeOnly || !forTypes);
  });
}

/** Why one import is not allowed; undefined when it is. */
function objection(from: Parsed & { readonly folder: Folder }, { specifier, typeOnly }: Import): string | undefined {
  const { folder } = from;
  const may = folder.may.length === 0 ? "nothing" : folder.may.join(", ");
  const allowed = `${folder.path} may import ${may}, because ${folder.because}`;
  if (specifier === undefined) {
    return folder.pure
      ? `imports something computed: ${folder.path} is pure, and loads nothing at run time`
      : undefined;
  }
  const path = target(from.path, specifier);
  if (path !== undefined) {
    const same = folderOf(path) === folder;
    if (path.startsWith("src/") && (same || allows(folder, posix.relative("src", path), typeOnly))) return undefined;
    return `imports ${typeOnly ? "types of " : ""}${path}: ${allowed}`;
  }
  if (isNode(specifier)) {
    return folder.pure ? `imports ${specifier}: ${folder.path} is pure; the daemon does I/O for it` : undefined;
  }
  if (folder.packages.includes(packageOf(specifier))) return undefined;
  const packages = folder.packages.length === 0 ? "no package" : `the packages ${folder.packages.join(", ")} only`;
  return `imports ${specifier}: ${folder.path} may use ${packages}, because ${folder.because}`;
}

/** Imports that the table does not allow: between folders, of packages, and of Node's modules in pure folders. */
export function forbiddenImports(files: Files): string[] {
  return parse(files).flatMap((file) => {
    const { path, folder } = file;
    if (folder === undefined) return [];
    return file.imports.flatMap((found) => {
      const why = objection({ ...file, folder }, found);
      return why === undefined ? [] : [`${path}:${found.line} ${why}`];
    });
  });
}

/** Clocks, timers, randomness and the process in pure folders. */
export function impurities(files: Files): string[] {
  return parse(files).flatMap(({ path, folder, tokens: found }) => {
    if (folder?.pure !== true) return [];
    return found.flatMap((token, at) => {
      if (token.kind !== "word" || found[at - 1]?.text === "." || found[at + 1]?.text === ":") return [];
      const rule = IMPURE.find((impure) => impure.tokens.every((text, offset) => found[at + offset]?.text === text));
      if (rule === undefined) return [];
      return [`${path}:${token.line} uses ${rule.tokens.join("")}: ${folder.path} is pure, because ${rule.because}`];
    });
  });
}

/** Arrows and packages of the table that no import needs: a permission that nobody uses hides what depends on what. */
export function unusedPermissions(files: Files): string[] {
  const parsed = parse(files);
  return FOLDERS.flatMap((folder) => {
    const mine = parsed.filter((file) => file.folder === folder);
    const specifiers = mine.flatMap(({ path, imports: found }) => found.map(({ specifier }) => ({ path, specifier })));
    const reached = specifiers.flatMap(({ path, specifier }) => {
      const to = specifier === undefined ? undefined : target(path, specifier);
      return to === undefined || folderOf(to) === folder ? [] : [posix.relative("src", to)];
    });
    const used = new Set(specifiers.map(({ specifier }) => specifier && packageOf(specifier)));
    // What a computed import loads cannot be seen here: an optional package, so that the compiler does not ask for it.
    const loadsComputed = used.has(undefined);
    const unused = [
      ...folder.may.filter((arrow) => !reached.some((path) => within(path, arrow.replace(/^type /, "")))),
      ...folder.packages.filter((name) => !used.has(name) && !loadsComputed),
    ];
    return unused.map((name) => `${folder.path} may import ${name} and nothing there does: take it out of the table`);
  });
}
