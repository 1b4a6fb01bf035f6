/**
 * How much `npm ci --omit=dev` brings, in MB, by package.
 *
 *   npm run bench -- install-size
 */

import { spawnSync } from "node:child_process";
import { copyFileSync, lstatSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative, sep } from "node:path";
import { root } from "../test/support/root.ts";

/** Packages that take most are printed by name. */
const NAMED = 8;

/** Octets of all files below, by the folder directly below that they are in. */
function octetsOf(folder: string): Map<string, number> {
  const found = new Map<string, number>();
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const [name = ""] = relative(folder, path).split(sep);
    found.set(name, (found.get(name) ?? 0) + lstatSync(path).size);
  }
  return found;
}

/** @throws Error with what npm said, when it fails */
export function run(): void {
  const folder = mkdtempSync(join(tmpdir(), "ipmp-exporter-bench-"));
  try {
    for (const file of ["package.json", "package-lock.json"]) copyFileSync(root(file), join(folder, file));
    const options = ["--omit=dev", "--ignore-scripts", "--prefer-offline", "--no-audit", "--no-fund"];
    const { status, stderr } = spawnSync("npm", ["ci", ...options], { cwd: folder, encoding: "utf8" });
    if (status !== 0) throw new Error(`npm ci: ${stderr}`);
    const packages = [...octetsOf(join(folder, "node_modules"))];
    const megabytes = (size: number): string => (size / 1e6).toFixed(1);
    console.log(`npm ci --omit=dev: ${megabytes(packages.reduce((sum, [, size]) => sum + size, 0))} MB of files`);
    for (const [name, size] of packages.sort(([, a], [, b]) => b - a).slice(0, NAMED))
      console.log(`${megabytes(size).padStart(6)}  ${name}`);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
