/**
 * A bad day of the program: everything around it goes wrong at random, and clients that behave are to be served throughout. The same seed
 * makes the same day. It runs in network and mount namespaces of its own, as root; the program runs as nobody.
 *
 *   node day.js SECONDS SEED disk|pipe DAYS     prints a report as JSON; each day of the same program has so many seconds
 */

import { execFileSync, spawn } from "node:child_process";
import {
  chmodSync,
  closeSync,
  constants,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { hashSync } from "bcryptjs";
import { generator } from "../../snmp/mutation.ts";
import { AS_NOBODY } from "../netns.ts";
import { Program } from "../program.ts";
import { eventually } from "../wait.ts";
import { type Answer, page, type Samples, samplesOf, served, USER, type Waited } from "./clients.ts";
import { disturbances, type LogPlace, type Victim } from "./disturbances.ts";

/** What one client was told on all days. */
export interface ClientReport {
  readonly asked: number;
  /** Questions that were not answered, and why. */
  readonly failures: readonly string[];
  readonly longestMs: number;
  readonly medianMs: number;
  /** Of the bare server that was asked at the same moments. */
  readonly bareLongestMs: number;
  readonly bareMedianMs: number;
  /** The longest waits, with what was done to the program meanwhile and in the second before. */
  readonly worst: readonly (Omit<Answer, "atMs"> & { readonly during: string })[];
}

export interface Report {
  readonly clients: Readonly<Record<string, ClientReport>>;
  readonly harmed: Readonly<Record<string, number>>;
  /** Before the first day, and after each, when everything is as it was. */
  readonly descriptors: readonly number[];
  readonly residentMb: readonly number[];
  /** What the group says it has received more, and what the kernel counted on its links. */
  readonly received: readonly [group: string, kernel: string];
  /** Counters of the group that fell from one scrape to the next. */
  readonly fallen: readonly string[];
  readonly linesDropped: string;
}

const [PORT, SNMP_PORT, BARE_PORT] = [18_191, 18_161, 18_192];
const WORST = 3;
const LINKS = ["va", "vb"];
const PAUSE_MS = 100;
/** Lets a step of the wall clock happen inside the program: an hour ahead and back in turn. */
const STEPPED_CLOCK = `data:text/javascript,${encodeURIComponent(
  "const now=Date.now;let ahead=0;Date.now=()=>now()+ahead;process.on('SIGUSR2',()=>{ahead=3600000-ahead})",
)}`;

/** Starts the day in namespaces of its own and answers with its report. @throws Error when it has none */
export function badDay(seconds: number, seed: number, log: LogPlace["kind"], days = 1): Promise<Report> {
  const inside = 'mount -t sysfs sysfs /sys; ip link set lo up; exec "$0" "$@"';
  const child = spawn(
    "unshare",
    [
      "--net",
      "--mount",
      "--propagation",
      "private",
      "sh",
      "-c",
      inside,
      process.execPath,
      fileURLToPath(import.meta.url),
      `${seconds}`,
      `${seed}`,
      log,
      `${days}`,
    ],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  let text = "";
  child.stdout.setEncoding("utf8").on("data", (piece: string) => {
    text += piece;
  });
  return new Promise((resolve, reject) => {
    child.on("close", (code) =>
      code === 0 ? resolve(JSON.parse(text) as Report) : reject(new Error(`The day ended with ${code}: ${text}`)),
    );
  });
}

async function live(seconds: number, seed: number, kind: LogPlace["kind"], days: number): Promise<Report> {
  const ends: (() => void)[] = [];
  try {
    return await lifeOf(seconds, seed, kind, days, { after: (end) => ends.unshift(end) });
  } finally {
    for (const end of ends) end();
  }
}

async function lifeOf(
  seconds: number,
  seed: number,
  kind: LogPlace["kind"],
  days: number,
  hooks: { after(end: () => void): void },
): Promise<Report> {
  for (const link of LINKS) execFileSync("ip", ["link", "add", link, "type", "veth", "peer", "name", `${link}p`]);
  for (const link of LINKS.flatMap((name) => [name, `${name}p`])) execFileSync("ip", ["link", "set", link, "up"]);
  const base = mkdtempSync(join(tmpdir(), "ipmp-exporter-bad-day-"));
  hooks.after(() => rmSync(base, { recursive: true, force: true }));
  execFileSync("mount", ["-t", "tmpfs", "-o", "size=1m,mode=777", "tmpfs", base]);
  hooks.after(() => execFileSync("umount", ["--lazy", base]));
  const [folder, sockets, stateFolder, disk] = ["etc", "run", "state", "log"].map((name) => {
    const path = join(base, name);
    mkdirSync(path);
    chmodSync(path, 0o777);
    return path;
  }) as [string, string, string, string];
  execFileSync("mount", ["-t", "tmpfs", "-o", "size=64k,mode=777", "tmpfs", disk]);
  hooks.after(() => execFileSync("umount", ["--lazy", disk]));
  const log: LogPlace = kind === "disk" ? { kind, file: join(disk, "log") } : { kind, path: join(disk, "pipe") };
  if (log.kind === "disk") writeFileSync(log.file, "");
  else execFileSync("mkfifo", ["--mode=666", log.path]);

  const hash = hashSync(USER.slice(USER.indexOf(":") + 1), 8);
  // One flow mapping, so that no part of it is a file by itself.
  const configuration = `{ groups: [{ name: ipmp0, interfaces: [${LINKS.join(", ")}] }],\n  web: { config_file: ${folder}/web.yml } }\n`;
  const webConfiguration = `{ basic_auth_users: { ali: "${hash}" } }\n`;
  for (const [name, text] of [
    ["ipmp.yml", configuration],
    ["web.yml", webConfiguration],
  ] as const) {
    writeFileSync(join(folder, name), text);
    chmodSync(join(folder, name), 0o666);
  }
  // Until somebody reads it, a pipe can be opened only by who reads it too.
  const held = log.kind === "pipe" ? openSync(log.path, constants.O_RDWR) : undefined;
  const stderr = openSync(log.kind === "disk" ? log.file : log.path, constants.O_WRONLY | constants.O_APPEND);
  const program = Program.launch(hooks, {
    folder: sockets,
    through: ["env", `NODE_OPTIONS=--import=${STEPPED_CLOCK}`, ...AS_NOBODY],
    stderr,
    args: [
      `--config.file=${folder}/ipmp.yml`,
      `--state.file=${stateFolder}/state.json`,
      `--web.listen-address=127.0.0.1:${PORT}`,
      `--snmp.listen-address=udp:127.0.0.1:${SNMP_PORT}`,
    ],
  });
  closeSync(stderr);
  const bare = spawn(process.execPath, [fileURLToPath(new URL("bare-server.js", import.meta.url)), `${BARE_PORT}`]);
  process.once("exit", () => bare.kill("SIGKILL")); // also when the day fails
  await eventually(
    () => page(BARE_PORT, "/").then(Boolean, () => false),
    () => "the bare server does not answer",
  );
  /** Scrapes of one tenth of a second share a collection; the API makes one anew. */
  const once = async (): Promise<Samples> => {
    await answered(() => page(PORT, "/api/v1/status"));
    return samplesOf(await answered(() => page(PORT, "/metrics")));
  };
  await once();
  await sleep(2_000);
  const { pid } = program; // everything that it is started through becomes it
  const victim: Victim = {
    pid,
    folder,
    controlSocket: join(sockets, "control.sock"),
    port: PORT,
    snmpPort: SNMP_PORT,
    configuration,
    webConfiguration,
    stateFolder,
    link: "vb",
    log,
  };
  const descriptors = () => readdirSync(`/proc/${pid}/fd`).length;
  const resident = () =>
    Math.round(Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) / 1024);
  const kernel = () =>
    LINKS.reduce((sum, link) => sum + BigInt(readFileSync(`/sys/class/net/${link}/statistics/rx_bytes`, "utf8")), 0n);
  const RECEIVED = 'ipmp_group_receive_bytes_total{group="ipmp0"}';
  const received = async () => BigInt((await once()).get(RECEIVED) ?? "-1");

  const [fdsBefore, ...fds] = [descriptors()] as [number, ...number[]];
  const residentMb = [resident()];
  /** At one moment: nothing came between the looks of the two. */
  const both = async (): Promise<readonly [group: bigint, kernel: bigint]> => {
    for (;;) {
      const counted = kernel();
      const said = await received();
      if (kernel() === counted) return [said, counted];
    }
  };
  const [groupBefore, kernelBefore] = await both();
  const random = generator(seed);
  const all = disturbances(victim);
  if (held !== undefined) closeSync(held);
  const names = Object.keys(all);
  const harmed: Record<string, number> = Object.fromEntries(names.map((name) => [name, 0]));
  const waited: Record<string, Waited> = {};
  const scrapes: Samples[] = [];
  const done: Done[] = [];
  for (let day = 0; day < days; day++) {
    const end = performance.now() + seconds * 1000;
    // Awaited below; when it fails before, so does what is done here, and says more.
    const clients = served({ pid, port: PORT, snmpPort: SNMP_PORT, barePort: BARE_PORT, seconds });
    clients.catch(() => {});
    while (performance.now() < end) {
      const name = names[random(names.length)] ?? "";
      const atMs = performance.now();
      if (program.hasEnded) throw new Error(`The program has ended: ${lastWords(log)}`);
      all[name]?.harm(random);
      done.push({ atMs, name });
      harmed[name] = (harmed[name] ?? 0) + 1;
      await sleep(random(2 * PAUSE_MS));
    }
    const { clients: told, scrapes: pages } = await clients;
    scrapes.push(...pages);
    for (const [name, { answers, failures }] of Object.entries(told)) {
      const before = waited[name];
      waited[name] = {
        answers: [...(before?.answers ?? []), ...answers],
        failures: [...(before?.failures ?? []), ...failures],
      };
    }
    for (const { mend } of Object.values(all)) mend();
    await eventually(
      () => descriptors() <= fdsBefore,
      () => `${descriptors()} descriptors, ${fdsBefore} before`,
    ).catch(() => {}); // the report says so
    fds.push(descriptors());
    await sleep(1_000);
    residentMb.push(resident());
  }
  const [groupAfter, kernelAfter] = await both();
  const last = await once();
  const report: Report = {
    clients: Object.fromEntries(Object.entries(waited).map(([name, told]) => [name, clientReport(told, done)])),
    harmed,
    descriptors: [fdsBefore, ...fds],
    residentMb,
    received: [`${groupAfter - groupBefore}`, `${kernelAfter - kernelBefore}`],
    fallen: fallenOf(scrapes),
    linesDropped: last.get("ipmp_log_lines_dropped_total") ?? "?",
  };
  process.kill(pid, "SIGTERM");
  await program.exited();
  return report;
}

/** The end of the log, where it is a file. */
function lastWords(log: LogPlace): string {
  return log.kind === "disk" ? readFileSync(log.file, "utf8").trim().slice(-4_000) : "its log had no reader";
}

/** What was done to the program, and when. */
interface Done {
  readonly atMs: number;
  readonly name: string;
}

function clientReport({ answers, failures }: Waited, done: readonly Done[]): ClientReport {
  const sorted = answers.toSorted((a, b) => b.ms - a.ms);
  const bare = answers.map(({ bareMs }) => bareMs).sort((a, b) => b - a);
  const worst = sorted.slice(0, WORST).map(({ atMs, ...answer }) => {
    const during = done.filter((one) => one.atMs > atMs - 1_000 && one.atMs < atMs + answer.ms).map(({ name }) => name);
    return { ...answer, during: during.join(", ") };
  });
  return {
    asked: answers.length + failures.length,
    failures,
    longestMs: sorted[0]?.ms ?? 0,
    medianMs: sorted[sorted.length >> 1]?.ms ?? 0,
    bareLongestMs: bare[0] ?? 0,
    bareMedianMs: bare[bare.length >> 1] ?? 0,
    worst,
  };
}

/** Asks until there is an answer. */
async function answered(ask: () => Promise<string>): Promise<string> {
  let answer = "";
  let last: unknown;
  await eventually(
    async () => {
      try {
        answer = await ask();
        return true;
      } catch (error) {
        last = error;
        return false;
      }
    },
    () => `no answer: ${String(last)}`,
  );
  return answer;
}

/** Counters of groups and members that are less in a scrape than in the one before it. */
function fallenOf(scrapes: readonly Samples[]): string[] {
  return scrapes.slice(1).flatMap((scrape, index) =>
    [...scrape].flatMap(([name, value]) => {
      const before = scrapes[index]?.get(name);
      const isCounter = /^ipmp_group_\w+_total\{/.test(name) && before !== undefined;
      return isCounter && Number(value) < Number(before) ? [`${name}: ${before} then ${value}`] : [];
    }),
  );
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [seconds = "10", seed = "1", log, days = "1"] = process.argv.slice(2);
  const kind = log === "pipe" ? "pipe" : "disk";
  console.log(JSON.stringify(await live(Number(seconds), Number(seed), kind, Number(days))));
  process.exit(0);
}
