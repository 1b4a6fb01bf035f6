/** A key that is accepted does something: each is read by some part of the program when the daemon starts. */

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { fences, page } from "../docs/pages.ts";
import { eventually } from "../support/wait.ts";

const PROGRAM = join(dirname(fileURLToPath(import.meta.url)), "recorded-start.js");

/** What stands in the way of running the complete example here. It has every key, as the test of its page sees. */
const ELSEWHERE: readonly (readonly [there: string, here: string])[] = [
  ['[":10191"]', '["unix:FOLDER/web.sock"]'],
  ['["udp:127.0.0.1:1161", "udp6:[::1]:1161"]', '["udp:127.0.0.1:0"]'],
  ["/etc/ipmp-exporter/", "FOLDER/"],
  ["/run/snmpd/agentx.sock", "FOLDER/agentx.sock"],
  ["udp:192.0.2.5:162", "udp:127.0.0.1:9"],
  ["udp:192.0.2.6", "udp:127.0.0.1:9"],
  ["udp:192.0.2.11:161", "udp:127.0.0.1:9"],
  ['"udp:192.0.2.12"', '"udp:127.0.0.1:9"'],
  ["udp6:[2001:db8::13]:161", "udp:127.0.0.1:9"],
  ["path: / }", "path: FOLDER }"],
  ["level: info", "level: error"],
];

/** The configuration file itself, which is no key. */
const NO_KEYS = ["file"];

test("every key that check-config accepts is read when the daemon starts", async (context) => {
  const folder = mkdtempSync(join(tmpdir(), "ipmp-keys-"));
  context.after(() => rmSync(folder, { recursive: true }));
  const example = fences(page("docs/CONFIGURATION.md")).find(({ language }) => language === "yaml")?.text ?? "";
  const text = ELSEWHERE.reduce((yaml, [there, here]) => {
    assert.ok(yaml.includes(there), `the complete example has no ${there}`);
    return yaml.replaceAll(there, here.replace("FOLDER", folder));
  }, example);
  writeFileSync(join(folder, "ipmp.yml"), text);
  writeFileSync(join(folder, "web.yml"), "{}");
  for (const name of ["nms.auth", "nms.priv", "sw2.community"]) writeFileSync(join(folder, name), "a password\n");

  const env = { STATE_DIRECTORY: folder, RUNTIME_DIRECTORY: folder };
  const child = spawn(process.execPath, [PROGRAM, join(folder, "ipmp.yml")], { env });
  context.after(() => child.kill("SIGKILL"));
  let printed = "";
  let said = "";
  child.stdout.on("data", (chunk) => (printed += chunk));
  child.stderr.on("data", (chunk) => (said += chunk));
  await eventually(
    () => existsSync(join(folder, "control.sock")) || child.exitCode !== null,
    () => `no control socket: ${said}`,
  );
  child.kill("SIGTERM");
  await once(child, "close");
  assert.equal(child.exitCode, 0, said);

  const unread = (JSON.parse(printed) as string[]).filter((path) => !NO_KEYS.includes(path));
  assert.deepEqual(unread, []);
});
