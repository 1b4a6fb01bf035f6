/** What one source can take of each face of the program, as many as it likes, and what somebody else asks of that face meanwhile. */

import { createSocket } from "node:dgram";
import { once } from "node:events";
import { request } from "node:http";
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { request as snmpRequest } from "../../test/exposition/snmp/manager.ts";

export interface Server {
  readonly host: string;
  readonly port: number;
  /** Where passwords are asked for. */
  readonly guardedPort: number;
  readonly snmpPort: number;
}

export interface Face {
  readonly name: string;
  /** Of what the greedy one has so many. */
  readonly unit: string;
  /** The program's own count of it, where it knows better than whoever waits in the system's queue. */
  readonly metric?: string;
  /** Takes what it can get from these addresses; answers how much it has now, or has had, when it is asked. */
  take(server: Server, from: readonly string[]): () => number;
  /** One proper question of another address. @throws Error when it is not answered */
  ask(server: Server, from: string): Promise<void>;
}

const PATIENCE_MS = 10_000;

/** Some of `all` in turn. */
function turns(all: readonly string[]): () => string {
  let next = 0;
  return () => all[next++ % all.length] ?? "";
}

interface Asked {
  readonly port: number;
  readonly path: string;
  readonly from: string;
  readonly auth?: string;
}

/** Of an answer without end, the head alone. */
function read(
  { host }: Server,
  { from, ...asked }: Asked,
): Promise<{ readonly status: number; readonly body: string }> {
  return new Promise((resolve, reject) => {
    const options = { host, ...asked, localAddress: from, agent: false, timeout: PATIENCE_MS };
    const call = request(options, (response) => {
      const { statusCode: status = 0, headers } = response;
      let body = "";
      if (headers["content-type"]?.startsWith("text/event-stream") === true) {
        resolve({ status, body });
        response.destroy();
      } else {
        response.setEncoding("utf8").on("data", (text: string) => {
          body += text;
        });
        response.on("end", () => resolve({ status, body }));
      }
    });
    call.on("timeout", () => call.destroy(new Error("no answer"))).on("error", reject);
    call.end();
  });
}

async function served(server: Server, asked: Asked): Promise<void> {
  const { status } = await read(server, asked);
  if (status !== 200) throw new Error(`status ${status}`);
}

/** Keeps `count` connections open that have sent `text`; those that are closed are opened again. Answers how many it has opened. */
function hold(server: Server, from: readonly string[], count: number, text: string): () => number {
  const address = turns(from);
  let opened = 0;
  const begin = (): void => {
    const socket = connect({ host: server.host, port: server.port, localAddress: address() });
    socket.on("error", () => {}); // to be turned away is what it is for
    socket.on("connect", () => {
      opened++;
      socket.write(text);
    });
    socket.resume();
    socket.on("close", () => setTimeout(begin, 20));
  };
  for (let n = 0; n < count; n++) begin();
  return () => opened;
}

/** A sample without labels. */
export async function sample(server: Server, from: string, name: string): Promise<number> {
  const text = await read(server, { port: server.port, path: "/metrics", from });
  return Number(new RegExp(`^${name} (\\d+)$`, "m").exec(text.body)?.[1]);
}

export const FACES: readonly Face[] = [
  {
    name: "connections that say nothing",
    unit: "open",
    metric: "ipmp_web_connections",
    take: (server, from) => hold(server, from, 600, ""),
    ask: (server, from) => served(server, { port: server.port, path: "/metrics", from }),
  },
  {
    name: "event streams",
    unit: "open",
    metric: "ipmp_web_event_streams",
    take: (server, from) =>
      hold(
        server,
        from,
        100,
        `GET /api/v1/events HTTP/1.1\r\nHost: [${server.host}]\r\nAccept: text/event-stream\r\n\r\n`,
      ),
    ask: (server, from) => served(server, { port: server.port, path: "/api/v1/events", from }),
  },
  {
    name: "guesses of passwords",
    unit: "a second",
    take(server, from) {
      const address = turns(from);
      const began = performance.now();
      let answered = 0;
      const guess = async (guesser: number): Promise<never> => {
        for (let count = 0; ; count++) {
          const auth = `ali:${guesser} ${count}`;
          await read(server, { port: server.guardedPort, path: "/metrics", from: address(), auth }).then(
            ({ status }) => void (status === 401 && answered++),
            () => {},
          );
        }
      };
      for (let guesser = 0; guesser < 40; guesser++) void guess(guesser);
      return () => Math.round((answered * 1000) / (performance.now() - began));
    },
    ask: (server, from) =>
      served(server, { port: server.guardedPort, path: "/metrics", from, auth: "ali:open sesame" }),
  },
  {
    name: "SNMP requests, 10,000 a second",
    unit: "answered a second",
    take(server, from) {
      const datagram = snmpRequest({ names: ["1.3.6.1.2.1.1.5.0"] });
      const began = performance.now();
      let answered = 0;
      const sockets = from.map((address) =>
        createSocket(family(server))
          .on("message", () => answered++)
          .on("error", () => {})
          .bind(0, address),
      );
      const flood = async (): Promise<never> => {
        for (;;) {
          for (let n = 0; n < 50; n++) sockets[n % sockets.length]?.send(datagram, server.snmpPort, server.host);
          await sleep(5);
        }
      };
      void flood();
      return () => Math.round((answered * 1000) / (performance.now() - began));
    },
    /** As managers do: again after a second, five times. */
    async ask(server, from) {
      const socket = createSocket(family(server));
      const answer = once(socket, "message").then(() => true);
      socket.bind(0, from);
      try {
        for (let sent = 0; sent < 6; sent++) {
          socket.send(snmpRequest({ names: ["1.3.6.1.2.1.1.5.0"] }), server.snmpPort, server.host);
          if (await Promise.race([answer, sleep(1_000).then(() => false)])) return;
        }
        throw new Error("no answer");
      } finally {
        socket.close();
      }
    },
  },
];

function family({ host }: Server): "udp4" | "udp6" {
  return host.includes(":") ? "udp6" : "udp4";
}
