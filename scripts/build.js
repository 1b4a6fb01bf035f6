/**
 * Compiles src/ to dist/ (what ships) and, for the tests, test/, bench/ and dashboards/ to .test-build/.
 *
 *   node scripts/build.js [--if-needed] [--tests]
 *
 * Whether a build is needed is read from the files' times alone, so that a plain `tsc` counts as well. What is left over from
 * a source that was renamed or deleted is removed: a test must not import a file that no longer exists.
 */

import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, readdirSync, realpathSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";

/** The package's own folder. */
export const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** What tsc makes of one source file. */
const OUTPUT_ENDINGS = [".js", ".js.map", ".d.ts"];

/**
 * @typedef {object} Project
 * @property {readonly string[]} configs the tsconfigs, which also decide how fresh the outputs are; one that does not exist is left out
 * @property {readonly string[]} sources folders that are compiled
 * @property {string} base folder that the outputs' paths are relative to
 * @property {string} out
 * @property {readonly string[]} uses folders whose files are read as types
 */

/** @type {Project} */
export const PROGRAM = {
  configs: ["tsconfig.json", "src/web/client/tsconfig.json"],
  sources: ["src"],
  base: "src",
  out: "dist",
  uses: [],
};
/** @type {Project} */
export const TESTS = {
  configs: ["tsconfig.test.json"],
  sources: ["test", "bench", "dashboards"],
  base: ".",
  out: ".test-build",
  uses: ["dist"],
};

/**
 * Every file below a folder that ends so, with its time of change; none when the folder does not exist.
 * @param {string} folder
 * @param {(name: string) => boolean} wanted
 * @returns {Map<string, number>} absolute path → milliseconds
 */
function filesBelow(folder, wanted) {
  const found = new Map();
  if (!existsSync(folder)) return found;
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !wanted(entry.name)) continue;
    const path = join(entry.parentPath, entry.name);
    found.set(path, statSync(path).mtimeMs);
  }
  return found;
}

/** @param {Project} project */
const sourcesOf = (project) =>
  new Map(
    project.sources.flatMap((folder) => [
      ...filesBelow(join(ROOT, folder), (name) => name.endsWith(".ts") && !name.endsWith(".d.ts")),
    ]),
  );

/** @param {Project} project */
const configsOf = (project) => project.configs.filter((config) => existsSync(join(ROOT, config)));

/** Path of an output or a source, without the endings, relative to where both trees begin. @param {string} from @param {string} path */
const stem = (from, path) => relative(from, path).replace(/(\.d\.ts|\.js\.map|\.js|\.ts)$/, "");

/**
 * Removes outputs that no source accounts for.
 * @param {Project} project
 * @param {Map<string, number>} sources
 */
function prune(project, sources) {
  const base = join(ROOT, project.base);
  const out = join(ROOT, project.out);
  const known = new Set([...sources.keys()].map((path) => stem(base, path)));
  const outputs = filesBelow(out, (name) => OUTPUT_ENDINGS.some((ending) => name.endsWith(ending)));
  for (const path of outputs.keys()) {
    if (known.has(stem(out, path))) continue;
    rmSync(path);
    console.log(`removed ${relative(ROOT, path)}: its source is gone`);
  }
}

/**
 * Whether an output is missing or older than anything that it was made from.
 * @param {Project} project
 * @param {Map<string, number>} sources
 */
function isStale(project, sources) {
  const settings = ["package.json", "tsconfig.json", ...configsOf(project)].map(
    (name) => statSync(join(ROOT, name)).mtimeMs,
  );
  const types = project.uses.flatMap((folder) => [
    ...filesBelow(join(ROOT, folder), (name) => name.endsWith(".d.ts")).values(),
  ]);
  const newestShared = Math.max(...settings, ...types);
  return [...sources].some(([path, changed]) => {
    const output = join(ROOT, project.out, `${stem(join(ROOT, project.base), path)}.js`);
    const made = statSync(output, { throwIfNoEntry: false })?.mtimeMs;
    return made === undefined || made < changed || made < newestShared;
  });
}

/**
 * Compiles one project. Nothing is written when it has an error, so that the next build tries again.
 * @param {Project} project
 * @param {{ ifNeeded: boolean }} options
 * @returns {boolean} false when it does not compile; the compiler has said why
 */
export function build(project, { ifNeeded }) {
  const sources = sourcesOf(project);
  // An installed package has no sources: there is nothing to build, and nothing may be pruned.
  if (sources.size === 0) return true;
  prune(project, sources);
  if (!ifNeeded || isStale(project, sources)) {
    const compiler = join(ROOT, "node_modules", "typescript", "bin", "tsc");
    if (!existsSync(compiler)) {
      console.error(`Cannot build ${project.out}: the TypeScript compiler is missing; run "npm ci" first`);
      return false;
    }
    for (const config of configsOf(project)) {
      const { status } = spawnSync(process.execPath, [compiler, "-p", join(ROOT, config), "--noEmitOnError"], {
        stdio: "inherit",
      });
      if (status !== 0) return false;
    }
  }
  if (project === PROGRAM) {
    chmodSync(join(ROOT, project.out, "main.js"), 0o755);
    noteRevision(join(ROOT, project.out, "revision.txt"));
  }
  return true;
}

/** Writes down the commit that is built, for `ipmp-exporter version`; outside a checkout there is none to write. @param {string} file */
function noteRevision(file) {
  const { status, stdout } = spawnSync("git", ["rev-parse", "--short=12", "HEAD"], { cwd: ROOT, encoding: "utf8" });
  if (existsSync(join(ROOT, ".git")) && status === 0) writeFileSync(file, stdout);
  else rmSync(file, { force: true });
}

/** Whether this file is the program and not an import. @param {string} url */
export const isMain = (url) =>
  process.argv[1] !== undefined && fileURLToPath(url) === realpathSync(process.argv[1]).split("/").join(sep);

if (isMain(import.meta.url)) {
  const args = process.argv.slice(2);
  const unknown = args.find((arg) => arg !== "--if-needed" && arg !== "--tests");
  if (unknown !== undefined) {
    console.error(`build: unknown argument "${unknown}"; it takes --if-needed and --tests`);
    process.exit(2);
  }
  const options = { ifNeeded: args.includes("--if-needed") };
  const done = build(PROGRAM, options) && (!args.includes("--tests") || build(TESTS, options));
  process.exit(done ? 0 : 1);
}
