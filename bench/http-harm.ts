/**
 * Scrapes of one address beside another that does harm in twenty ways, or guesses passwords, and after it has gone. The attackers run in a
 * process of their own, so that what they cost is not measured, but for the processor that they take from the program.
 *
 *   npm run bench -- http-harm [--seconds=3] [--shape=TEXT]
 */

import { fork } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { Agent, request } from "node:http";
import { arch, cpus, release, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { hashSync } from "bcryptjs";
import { attack, SHAPES } from "../test/support/hostile-http.ts";
import { root } from "../test/support/root.ts";
import { Server } from "./support/server.ts";

const PORT = 21_191;
const GUESSERS = "40 guessers of passwords";
const FROM = "127.0.0.2";
const PASSWORD = basic("ali:open sesame");
const BETWEEN_MS = 25;

/** What the other process runs. */
if (process.argv[2] === "attack") {
  const [, , , shape = ""] = process.argv;
  const client = SHAPES[shape];
  if (client !== undefined) attack({ port: PORT, from: FROM }, client);
  else for (let guesser = 0; guesser < 40; guesser++) void guess(guesser);
}

export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: { seconds: { type: "string", default: "3" }, shape: { type: "string", default: "" } },
  });
  console.log(`# Linux ${release()} ${arch()}, ${cpus().length} × ${cpus()[0]?.model}, Node ${process.version}`);
  console.log("shape | beside: median ms | longest ms | after: median ms | longest ms | not 200 | peak MB");
  const shapes = ["nothing", ...Object.keys(SHAPES), GUESSERS].filter((shape) => shape.includes(values.shape));
  for (const shape of shapes) await measure(shape, Number(values.seconds) * 1000);
}

async function measure(shape: string, durationMs: number): Promise<void> {
  const web = join(tmpdir(), `http-harm-${process.pid}.yml`);
  writeFileSync(web, JSON.stringify({ basic_auth_users: { ali: hashSync("open sesame", 10) } }));
  const options = ["--snmp.listen-address=none", "--state.file=none", "--control.socket=none"];
  const guarded = shape === GUESSERS ? [`--web.config.file=${web}`] : [];
  const listen = `--web.listen-address=127.0.0.1:${PORT}`;
  const server = new Server(process.execPath, [root("dist", "main.js"), listen, ...options, ...guarded], PORT);
  while ((await scrape().catch(() => 0)) !== 200) await wait(50);
  const attacker = shape === "nothing" ? undefined : fork(fileURLToPath(import.meta.url), ["attack", shape]);
  // It may end by itself, when nobody takes its connections any more.
  const ended = attacker && once(attacker, "exit");
  await wait(durationMs / 3);
  const beside = await scrapes(durationMs);
  attacker?.kill();
  await ended;
  const after = await scrapes(durationMs / 3);
  const columns = [beside, after].flatMap(({ median, longest }) => [median.toFixed(1), longest.toFixed(0)]);
  const { peak } = server.residentMegabytes();
  console.log([shape, ...columns, beside.failed + after.failed, peak.toFixed(0)].join(" | "));
  await server.stop();
}

/** One after the other, for so long; milliseconds. */
async function scrapes(durationMs: number): Promise<{ median: number; longest: number; failed: number }> {
  const times: number[] = [];
  let failed = 0;
  for (const end = performance.now() + durationMs; performance.now() < end; await wait(BETWEEN_MS)) {
    const began = performance.now();
    if ((await scrape().catch(() => 0)) !== 200) failed++;
    times.push(performance.now() - began);
  }
  times.sort((a, b) => a - b);
  return { median: times[Math.floor(times.length / 2)] ?? Number.NaN, longest: times.at(-1) ?? Number.NaN, failed };
}

function scrape(): Promise<number> {
  return ask("127.0.0.1", PASSWORD, false);
}

function ask(localAddress: string, authorization: string, agent: Agent | false): Promise<number> {
  return new Promise((resolve, reject) => {
    const headers = { Authorization: authorization };
    const call = request(
      { host: "127.0.0.1", port: PORT, path: "/metrics", localAddress, agent, headers },
      (response) => {
        response
          .resume()
          .on("end", () => resolve(response.statusCode ?? 0))
          .on("error", reject);
      },
    );
    call.on("error", reject);
    call.end();
  });
}

async function guess(guesser: number): Promise<never> {
  const agent = new Agent({ keepAlive: true });
  for (let count = 0; ; count++) await ask(FROM, basic(`ali:${guesser} ${count}`), agent).catch(() => 0);
}

function basic(text: string): string {
  return `Basic ${Buffer.from(text).toString("base64")}`;
}
