/** Where the kernel of the virtual machine comes from, on a machine that has never asked Debian for anything. */

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { scratch } from "../support/scratch.ts";

const NO_APT = spawnSync("apt-get", ["--version"]).status === 0 ? false : "there is no apt-get here";

test("without lists of packages and without a network, the kernel cannot be had, and it is said why", {
  skip: NO_APT,
}, (t) => {
  const folder = scratch(t);
  mkdirSync(join(folder, "lists", "partial"), { recursive: true });
  const nowhere = ["http", "https"].map((scheme) => `Acquire::${scheme}::Proxy "http://127.0.0.1:1";`);
  writeFileSync(join(folder, "apt.conf"), [`Dir::State::Lists "${join(folder, "lists")}";`, ...nowhere].join("\n"));
  const script = `import(${JSON.stringify(new URL("./kernel.js", import.meta.url))}).then(({ findKernel }) => findKernel())`;
  const env = { ...process.env, APT_CONFIG: join(folder, "apt.conf"), XDG_CACHE_HOME: join(folder, "cache") };
  const { status, stderr } = spawnSync(process.execPath, ["-e", script], { env, encoding: "utf8" });
  assert.notEqual(status, 0);
  assert.match(
    stderr,
    /Cannot get linux-image-cloud-amd64 from Debian: apt-get says ".+"\. Is the mirror .+ reachable/,
  );
});
