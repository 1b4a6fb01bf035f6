/** The files of the program are replaced while it runs, as an upgrade of its package does before it starts the new one. */

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { cpSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import { test } from "node:test";
import { hashSync } from "bcryptjs";
import { root } from "../support/root.ts";
import { scratch } from "../support/scratch.ts";
import { eventually } from "../support/wait.ts";

/** The status of a scrape through that socket, with a password or none; 0 when nobody listens there. */
const scrape = (socketPath: string, password?: string): Promise<number> =>
  new Promise((resolve) => {
    const auth = password === undefined ? undefined : `scraper:${password}`;
    request({ socketPath, path: "/metrics", auth }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    })
      .on("error", () => resolve(0))
      .end();
  });

test("passwords that nobody has sent before are compared after its files have gone", async (t) => {
  const folder = scratch(t);
  const [installed, socket] = [join(folder, "installed"), join(folder, "web.sock")];
  for (const part of ["dist", "package.json"]) cpSync(root(part), join(installed, part), { recursive: true });
  symlinkSync(root("node_modules"), join(installed, "node_modules"));
  const users = { scraper: hashSync("right", 4) };
  writeFileSync(join(folder, "web.yml"), JSON.stringify({ basic_auth_users: users }), { mode: 0o600 });
  const program = spawn(
    process.execPath,
    [
      join(installed, "dist", "main.js"),
      `--state.file=${join(folder, "state.json")}`,
      `--control.socket=${join(folder, "control.sock")}`,
      `--web.config.file=${join(folder, "web.yml")}`,
      `--web.listen-address=unix:${socket}`,
    ],
    { stdio: "ignore" },
  );
  const ended = new Promise((resolve) => program.once("exit", resolve));
  t.after(async () => {
    program.kill();
    await ended;
  });
  await eventually(
    async () => (await scrape(socket)) === 401,
    () => "the program does not listen",
  );
  rmSync(installed, { recursive: true });
  assert.equal(await scrape(socket, "wrong"), 401);
  assert.equal(await scrape(socket, "right"), 200);
});
