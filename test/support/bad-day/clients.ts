/** Clients that behave: a scraper, a manager and a browser. Each asks again and again, and keeps what it waited and what it was refused. */

import { createSocket } from "node:dgram";
import { Agent, request } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { readReply, request as snmpRequest } from "../../exposition/snmp/manager.ts";

export interface Waited {
  /** Milliseconds of each answer. */
  readonly answers: number[];
  /** What was no answer. */
  readonly failures: string[];
}

const PERIOD_MS = 500;
const LIMIT_MS = 30_000;
const SYS_NAME = "1.3.6.1.2.1.1.5.0";

export const USER = "ali:open sesame";

/** Asks until `ended` says so. Between two questions it is idle, on a connection that stays open. */
async function repeat(ended: () => boolean, ask: () => Promise<void>): Promise<Waited> {
  const waited: Waited = { answers: [], failures: [] };
  while (!ended()) {
    const began = performance.now();
    try {
      await ask();
      waited.answers.push(performance.now() - began);
    } catch (error) {
      waited.failures.push(error instanceof Error ? error.message : String(error));
    }
    await sleep(PERIOD_MS);
  }
  return waited;
}

/** `look` is shown each page. */
export function reader(
  port: number,
  path: string,
  ended: () => boolean,
  look: (body: string) => void,
): Promise<Waited> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  return repeat(ended, async () => look(await get(agent, port, path))).finally(() => agent.destroy());
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

export async function manager(port: number, ended: () => boolean): Promise<Waited> {
  const socket = createSocket("udp4");
  let requestId = 0;
  const waited = await repeat(ended, () => {
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
  });
  socket.close();
  return waited;
}
