/** The program's first file: what holds before any command. */

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { Program } from "../support/program.ts";
import { root } from "../support/root.ts";

test("SIGUSR1 opens no debugger", async (t) => {
  const program = await Program.start(t, { config: "groups: []" });
  program.signal("SIGUSR1");
  program.signal("SIGHUP");
  await program.logged("configuration reloaded");
  assert.equal((await program.get("/-/healthy")).status, 200);
  assert.equal(await program.stop(), 0);
  assert.doesNotMatch(program.log.join("\n"), /debugger/i);
});

test("too few descriptors are told in one line", () => {
  for (const limit of [20, 22, 24, 26, 28]) {
    const command = `ulimit -n ${limit}; exec "$0" "$1" --snmp.listen-address=none --state.file=none`;
    const { status, stderr } = spawnSync("sh", ["-c", command, process.execPath, root("dist", "main.js")], {
      encoding: "utf8",
    });
    assert.equal(status, 1);
    assert.match(stderr, /^ipmp-exporter: Too few file descriptors \(EMFILE\): expected a limit of \d+ or more .*\n$/);
  }
});
