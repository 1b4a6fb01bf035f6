/**
 * Compiles src/ to dist/, bundles what runs of it into dist/program/ (what ships, beside dist/main.js and the page's scripts) and,
 * for the tests, compiles test/, bench/ and dashboards/ to .test-build/.
 *
 *   node scripts/build.js [--tests]
 *
 * A build is incremental: the compiler keeps what it knows in .build/NAME.tsbuildinfo, and an output that would not change is
 * not written. Beside it, .build/NAME.json records the contents that the last build was made from and those that it made. When
 * both are still there, there is nothing to do. When an output is no longer as the last build left it (the build was interrupted,
 * something else wrote there), the compiler's knowledge is not to be trusted, and the build begins from nothing.
 * Times of files count for nothing, so that a checkout, a copy or a clock that was set back confuses nobody.
 */

import { spawnSync } from "node:child_process";
import { hash } from "node:crypto";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";

/** The package's own folder. */
export const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** Where builds keep what they know. */
const RECORDS = ".build";

/** What tsc makes of one source file. */
const OUTPUT_ENDINGS = /\.(d\.ts|js\.map|js)$/;

/** What every build is made from beside its sources and its tsconfig: this file, the settings, and the packages that are installed. */
const SHARED_INPUTS = ["scripts/build.js", "package.json", "tsconfig.json", "node_modules/.package-lock.json"];

/**
 * All paths are relative to the package.
 * @typedef {object} Project
 * @property {string} name of its files in .build/
 * @property {string} config the tsconfig
 * @property {readonly string[]} sources folders that are compiled
 * @property {readonly string[]} except folders below them that are not this project's, or whose outputs are not
 * @property {string} base folder that the outputs' paths are relative to
 * @property {string} out
 * @property {string} uses folder whose declarations it is compiled against, or ""
 */

/** @type {Project} */
const SERVER = {
  name: "server",
  config: "tsconfig.json",
  sources: ["src"],
  // There is no src/program: dist/program is what BUNDLE makes.
  except: ["src/web/client", "src/program"],
  base: "src",
  out: "dist",
  uses: "",
};
/** @type {Project} */
const CLIENT = {
  name: "client",
  config: "src/web/client/tsconfig.json",
  sources: ["src/web/client"],
  except: [],
  base: "src",
  out: "dist",
  uses: "",
};
/** @type {Project} */
const TESTS = {
  name: "tests",
  config: "tsconfig.test.json",
  sources: ["test", "bench", "dashboards"],
  except: [],
  base: ".",
  out: ".test-build",
  uses: "dist",
};

/** Packages that are not bundled: koffi is native and may be missing; re2js is loaded when a configuration has an expression. */
export const UNBUNDLED = ["koffi", "re2js"];

/**
 * The program and its packages in a few files, of which a command loads those that it needs: a thousand small ones take twice as
 * long.
 */
const BUNDLE = {
  name: "program",
  out: join(SERVER.out, "program"),
  /** What is loaded by name: by src/main.ts, and by src/web/password-queue.ts as a worker. */
  entries: ["cli/run.js", "web/password-worker.js"].map((path) => join(SERVER.out, path)),
  external: UNBUNDLED,
  /** Packages that are not ES modules call require(). */
  banner: 'import { createRequire as requireOf } from "node:module"; const require = requireOf(import.meta.url);',
};

/** Folder of the compiled tests, benches and dashboards. */
export const TEST_OUTPUT = TESTS.out;

/** Every folder that something is compiled from. */
export const SOURCE_FOLDERS = [...SERVER.sources, ...TESTS.sources];

/** @typedef {Record<string, string>} Digests of files' contents, by path */

/**
 * @typedef {object} BuildRecord
 * @property {Digests | null} from what it was made from; null when it did not compile
 * @property {Digests} made its outputs, and what the compiler knows
 */

/**
 * Every file below a folder that ends so, in order; none when the folder does not exist.
 * @param {string} folder
 * @param {RegExp} ending
 * @param {readonly string[]} [except] folders to leave out
 * @returns {string[]}
 */
function filesBelow(folder, ending, except = []) {
  if (!existsSync(join(ROOT, folder))) return [];
  return readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && ending.test(entry.name))
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)))
    .filter((path) => !except.some((left) => path.startsWith(join(left, sep))))
    .sort();
}

/** @param {string} path @returns {string | undefined} undefined when there is no such file */
function digest(path) {
  try {
    return hash("sha256", readFileSync(join(ROOT, path)), "base64url");
  } catch {
    return undefined;
  }
}

/** @param {readonly string[]} paths @returns {Digests} of those that exist */
const digests = (paths) =>
  Object.fromEntries(
    paths.flatMap((path) => {
      const value = digest(path);
      return value === undefined ? [] : [[path, value]];
    }),
  );

/** Where a path below a project's base has its outputs. @param {Project} project @param {string} path */
const outputOf = (project, path) => join(project.out, relative(project.base, path));

/** @param {Project} project */
const sourcesOf = ({ sources, except }) => sources.flatMap((folder) => filesBelow(folder, /(?<!\.d)\.ts$/, except));

/** @param {Project} project */
const outputsOf = (project) =>
  project.sources.flatMap((folder) =>
    filesBelow(
      outputOf(project, folder),
      OUTPUT_ENDINGS,
      project.except.map((path) => outputOf(project, path)),
    ),
  );

/** @param {{ name: string }} project @param {string} kind */
const recordFile = ({ name }, kind) => join(RECORDS, `${name}.${kind}`);

/** @param {{ name: string }} project @returns {BuildRecord | undefined} undefined when there is none, or half of one */
function readRecord(project) {
  try {
    return JSON.parse(readFileSync(join(ROOT, recordFile(project, "json")), "utf8"));
  } catch {
    return undefined;
  }
}

/** @param {Project} project @param {string} knowledge @returns {boolean} whether it compiles; the compiler has said why not */
function compile(project, knowledge) {
  const compiler = join(ROOT, "node_modules", "typescript", "bin", "tsc");
  if (!existsSync(compiler)) {
    console.error(`Cannot build ${project.out}: the TypeScript compiler is missing; run "npm ci" first`);
    return false;
  }
  const options = ["--noEmitOnError", "--incremental", "--tsBuildInfoFile", join(ROOT, knowledge)];
  const { status } = spawnSync(process.execPath, [compiler, "-p", join(ROOT, project.config), ...options], {
    stdio: "inherit",
  });
  return status === 0;
}

/**
 * Brings one project's outputs up to date. Nothing is written when it has an error, so that the next build tries again.
 * @param {Project} project
 * @returns {boolean} false when it does not compile
 */
function build(project) {
  const sources = sourcesOf(project);
  const stems = new Set(sources.map((path) => outputOf(project, path.replace(/\.ts$/, ""))));
  const hasSource = (/** @type {string} */ path) => stems.has(path.replace(OUTPUT_ENDINGS, ""));
  // What a renamed or deleted source left behind: a test must not import a file that no longer exists.
  const orphans = outputsOf(project).filter((output) => !hasSource(output));
  for (const path of orphans) rmSync(join(ROOT, path));
  for (const gone of new Set(orphans.map((path) => path.replace(OUTPUT_ENDINGS, "")))) {
    console.log(`removed ${gone}.js: its source is gone`);
  }
  if (sources.length === 0) return true;
  const declarations = project.uses === "" ? [] : filesBelow(project.uses, /\.d\.ts$/);
  const from = digests([...SHARED_INPUTS, project.config, ...sources, ...declarations]);
  const knowledge = recordFile(project, "tsbuildinfo");
  const last = readRecord(project);
  const intact =
    last !== undefined &&
    Object.entries(last.made).every(([path, was]) => (path !== knowledge && !hasSource(path)) || digest(path) === was);
  if (intact && JSON.stringify(last.from) === JSON.stringify(from)) return true;
  if (!intact) rmSync(join(ROOT, knowledge), { force: true });
  const compiles = compile(project, knowledge);
  if (!compiles && !intact) return false;
  /** @type {BuildRecord} */
  const record = compiles
    ? { from, made: digests([...outputsOf(project), knowledge]) }
    : { from: null, made: { ...last?.made, ...digests([knowledge]) } };
  mkdirSync(join(ROOT, RECORDS), { recursive: true });
  writeFileSync(join(ROOT, recordFile(project, "json")), JSON.stringify(record));
  return compiles;
}

/** The bundler, which builds load when they need it. @returns {typeof import("esbuild") | undefined} undefined when it is not installed */
function loadEsbuild() {
  try {
    return createRequire(import.meta.url)("esbuild");
  } catch {
    return undefined;
  }
}

/**
 * The licences of the packages that were bundled, which most of them want to be handed on.
 * @param {import("esbuild").Metafile} metafile what esbuild says of a bundle
 */
function licenses({ inputs }) {
  const folders = Object.keys(inputs).map((path) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0]);
  const packages = [...new Set(folders)].filter((folder) => folder !== undefined).sort();
  return packages
    .map((folder) => {
      const { name, version, license } = JSON.parse(readFileSync(join(ROOT, folder, "package.json"), "utf8"));
      const [file] = readdirSync(join(ROOT, folder)).filter((entry) => /^licen[sc]e/i.test(entry));
      const text = file === undefined ? "" : `\n${readFileSync(join(ROOT, folder, file), "utf8").trim()}\n`;
      return `${name} ${version} (${license})\n${text}`;
    })
    .join(`\n${"-".repeat(80)}\n\n`);
}

/** Brings the bundle up to date with what was compiled. @returns {boolean} false when something cannot be bundled */
function bundle() {
  const { out, entries, external, banner } = BUNDLE;
  const compiled = outputsOf(SERVER).filter((path) => path.endsWith(".js"));
  const from = digests([...SHARED_INPUTS, ...compiled]);
  const bundled = () => digests(filesBelow(out, /./));
  const last = readRecord(BUNDLE);
  const now = JSON.stringify({ from, made: bundled() });
  if (last !== undefined && JSON.stringify(last) === now) return true;
  rmSync(join(ROOT, out), { recursive: true, force: true });
  const esbuild = loadEsbuild();
  if (esbuild === undefined) {
    console.error(`Cannot build ${out}: esbuild is missing; run "npm ci" first`);
    return false;
  }
  /** @type {import("esbuild").Metafile} */
  let metafile;
  try {
    ({ metafile } = esbuild.buildSync({
      absWorkingDir: ROOT,
      entryPoints: [...entries],
      outdir: out,
      entryNames: "[name]",
      chunkNames: "[hash]",
      bundle: true,
      splitting: true,
      format: "esm",
      platform: "node",
      target: "node20.19",
      external: [...external],
      banner: { js: banner },
      legalComments: "none",
      logLevel: "warning",
      metafile: true,
    }));
  } catch {
    return false; // esbuild has said why.
  }
  writeFileSync(join(ROOT, out, "LICENSES.txt"), licenses(metafile));
  writeFileSync(join(ROOT, recordFile(BUNDLE, "json")), JSON.stringify({ from, made: bundled() }));
  return true;
}

/** @returns {boolean} false when it does not compile */
export function buildProgram() {
  // An installed package has no sources: there is nothing to build, and nothing may be removed.
  if (sourcesOf(SERVER).length === 0) return true;
  if (!build(SERVER) || !build(CLIENT) || !bundle()) return false;
  chmodSync(join(ROOT, SERVER.out, "main.js"), 0o755);
  noteRevision(join(ROOT, SERVER.out, "revision.txt"));
  return true;
}

/** Builds the program, and then what is compiled against it. @returns {boolean} false when something does not compile */
export const buildTests = () => buildProgram() && build(TESTS);

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
  const unknown = args.find((arg) => arg !== "--tests");
  if (unknown !== undefined) {
    console.error(`build: unknown argument "${unknown}"; it takes --tests`);
    process.exit(2);
  }
  process.exit((args.includes("--tests") ? buildTests() : buildProgram()) ? 0 : 1);
}
