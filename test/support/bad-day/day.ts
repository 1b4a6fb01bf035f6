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
import { manager, reader, USER, type Waited } from "./clients.ts";
import { disturbances, type LogPlace, type Victim } from "./disturbances.ts";

export interface Report {
  /** Of each client: questions, those that were not answered (why), and the longest wait in milliseconds. */
  readonly clients: Readonly<
    Record<string, { readonly asked: number; readonly failures: readonly string[]; readonly longestMs: number }>
  >;
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

const [PORT, SNMP_PORT] = [18_191, 18_161];
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
  const scrapes: Map<string, string>[] = [];
  const scrape = (body: string) => {
    scrapes.push(
      new Map(
        body.split("\n").map((line) => [line.slice(0, line.lastIndexOf(" ")), line.slice(line.lastIndexOf(" ") + 1)]),
      ),
    );
  };
  const once = async (): Promise<Map<string, string>> => {
    const before = scrapes.length;
    let asked = false;
    const { failures } = await reader(
      PORT,
      "/metrics",
      () => asked,
      (body) => {
        asked = true;
        scrape(body);
      },
    );
    return scrapes[before] ?? new Map([["none", failures.join()]]);
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
  for (let day = 0; day < days; day++) {
    const end = performance.now() + seconds * 1000;
    const ended = () => performance.now() > end;
    const clients = {
      scraper: reader(PORT, "/metrics", ended, scrape),
      browser: reader(PORT, "/", ended, () => {}),
      manager: manager(SNMP_PORT, ended),
    };
    while (!ended()) {
      const name = names[random(names.length)] ?? "";
      all[name]?.harm(random);
      harmed[name] = (harmed[name] ?? 0) + 1;
      await sleep(random(2 * PAUSE_MS));
    }
    for (const [name, client] of Object.entries(clients)) {
      const { answers, failures } = await client;
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
  const last = scrapes.at(-1);
  const report: Report = {
    clients: Object.fromEntries(
      Object.entries(waited).map(([name, { answers, failures }]) => [
        name,
        { asked: answers.length + failures.length, failures, longestMs: Math.round(Math.max(0, ...answers)) },
      ]),
    ),
    harmed,
    descriptors: [fdsBefore, ...fds],
    residentMb,
    received: [`${groupAfter - groupBefore}`, `${kernelAfter - kernelBefore}`],
    fallen: fallenOf(scrapes),
    linesDropped: last?.get("ipmp_log_lines_dropped_total") ?? "?",
  };
  process.kill(pid, "SIGTERM");
  await program.exited();
  return report;
}

/** Counters of groups and members that are less in a scrape than in the one before it. */
function fallenOf(scrapes: readonly ReadonlyMap<string, string>[]): string[] {
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
