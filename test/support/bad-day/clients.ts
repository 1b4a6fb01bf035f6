/**
 * Clients that behave: a scraper, a browser and a manager. Each asks the program and, at the same moment, the bare server beside it, and keeps what
 * both took. They have a thread of their own, so that nothing that is done to the program makes them late.
 */

import { createSocket } from "node:dgram";
import { existsSync, readFileSync } from "node:fs";
import { Agent, request } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { readReply, request as snmpRequest } from "../../exposition/snmp/manager.ts";

export interface Answer {
  /** Of performance.now() of the whole process, when it was asked. */
  readonly atMs: number;
  readonly ms: number;
  /** What the bare server took, that was asked at the same moment. */
  readonly bareMs: number;
  /** Of the program's main thread meanwhile: on a processor, and ready but without one. */
  readonly ranMs: number;
  readonly queuedMs: number;
}

export interface Waited {
  readonly answers: readonly Answer[];
  /** What was no answer. */
  readonly failures: readonly string[];
}

export interface Day {
  readonly pid: number;
  readonly port: number;
  readonly snmpPort: number;
  readonly barePort: number;
  readonly seconds: number;
}

export type Samples = ReadonlyMap<string, string>;

export interface Served {
  readonly clients: Readonly<Record<"scraper" | "browser" | "manager", Waited>>;
  /** Each page that the scraper got. */
  readonly scrapes: readonly Samples[];
}

const PERIOD_MS = 500;
const LIMIT_MS = 30_000;
const SYS_NAME = "1.3.6.1.2.1.1.5.0";

export const USER = "ali:open sesame";

/** Lets the clients ask for so long, and answers with what they were told. */
export function served(day: Day): Promise<Served> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL(import.meta.url), { workerData: { ...day, origin: performance.timeOrigin } });
    worker.once("message", resolve);
    worker.once("error", reject);
  });
}

export function samplesOf(page: string): Samples {
  const places = page.split("\n").map((line) => [line, line.lastIndexOf(" ")] as const);
  return new Map(places.map(([line, at]) => [line.slice(0, at), line.slice(at + 1)]));
}

/** One page. */
export async function page(port: number, path: string): Promise<string> {
  const agent = new Agent();
  return get(agent, port, path).finally(() => agent.destroy());
}

/** Asks until the time is over. Between two questions it is idle, on a connection that stays open. */
async function repeat({ pid, seconds }: Day, ask: () => Promise<void>, askBare: () => Promise<void>): Promise<Waited> {
  const end = performance.now() + seconds * 1000;
  const answers: Answer[] = [];
  const failures: string[] = [];
  while (performance.now() < end) {
    const began = performance.now();
    const before = scheduled(pid);
    const bare = askBare().then(() => performance.now() - began);
    try {
      await ask();
      const ms = performance.now() - began;
      const after = scheduled(pid);
      const [ranMs, queuedMs] = [after.ranMs - before.ranMs, after.queuedMs - before.queuedMs];
      answers.push({ atMs: began, ms, bareMs: await bare, ranMs, queuedMs });
    } catch (error) {
      failures.push(error instanceof Error ? error.message : String(error));
    }
    await bare.catch(() => {});
    await sleep(PERIOD_MS);
  }
  return { answers, failures };
}

/** Of the main thread: proc(5), /proc/PID/schedstat. Nothing of a program that has ended. */
function scheduled(pid: number): { readonly ranMs: number; readonly queuedMs: number } {
  const path = `/proc/${pid}/task/${pid}/schedstat`;
  const [ran, queued] = existsSync(path) ? readFileSync(path, "utf8").split(" ") : [0, 0];
  return { ranMs: Number(ran) / 1e6, queuedMs: Number(queued) / 1e6 };
}

/** `look` is shown each page. */
function reader(day: Day, path: string, look: (body: string) => void): Promise<Waited> {
  const agents = [1, 2].map(() => new Agent({ keepAlive: true, maxSockets: 1 })) as [Agent, Agent];
  return repeat(
    day,
    async () => look(await get(agents[0], day.port, path)),
    async () => void (await get(agents[1], day.barePort, path)),
  ).finally(() => {
    for (const agent of agents) agent.destroy();
  });
}

function get(agent: Agent, port: number, path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const sent = request({ agent, host: "127.0.0.1", port, path, auth: USER, timeout: LIMIT_MS }, (response) => {
      let body = "";
      response.setEncoding("utf8").on("data", (text: string) => {
        body += text;
      });
      response.on("error", reject);
      response.on("end", () =>
        response.statusCode === 200
          ? resolve(body)
          : reject(new Error(`${path}: status ${response.statusCode}: ${body}`)),
      );
    });
    sent.on("timeout", () => sent.destroy(new Error(`${path}: no answer`)));
    // A server may close an idle connection at the moment at which it is used again: a client then asks once more (RFC 9110, 9.2.2).
    sent.on("error", (error: NodeJS.ErrnoException) => {
      if (sent.reusedSocket && error.code === "ECONNRESET") resolve(get(agent, port, path));
      else reject(error);
    });
    sent.end();
  });
}

async function manager(day: Day): Promise<Waited> {
  const socket = createSocket("udp4");
  socket.setMaxListeners(0);
  let requestId = 0;
  const ask = (port: number): Promise<void> => {
    const id = ++requestId;
    return new Promise((resolve, reject) => {
      const limit = setTimeout(() => reject(new Error("SNMP: no answer")), LIMIT_MS);
      socket.on("message", function answered(datagram) {
        if (readReply(datagram).requestId !== id) return;
        socket.off("message", answered);
        clearTimeout(limit);
        resolve();
      });
      socket.send(snmpRequest({ names: [SYS_NAME], requestId: id }), port, "127.0.0.1");
    });
  };
  return repeat(
    day,
    () => ask(day.snmpPort),
    () => ask(day.barePort),
  ).finally(() => socket.close());
}

async function serve(day: Day): Promise<Served> {
  const scrapes: Samples[] = [];
  const [scraper, browser, managed] = await Promise.all([
    reader(day, "/metrics", (body) => scrapes.push(samplesOf(body))),
    reader(day, "/", () => {}),
    manager(day),
  ]);
  return { clients: { scraper, browser, manager: managed }, scrapes };
}

if (!isMainThread && parentPort) {
  const { origin, ...day } = workerData as Day & { readonly origin: number };
  const { clients, scrapes } = await serve(day);
  // A thread has a clock of its own.
  const ahead = performance.timeOrigin - origin;
  const shifted = Object.entries(clients).map(([name, { answers, failures }]) => [
    name,
    { answers: answers.map((answer) => ({ ...answer, atMs: answer.atMs + ahead })), failures },
  ]);
  parentPort.postMessage({ clients: Object.fromEntries(shifted), scrapes });
}
