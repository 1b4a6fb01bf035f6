/** Ways in which clients harm an HTTP server, by fault or on purpose. Each does its worst from one address, until it is told to stop. */

import { connect, type Socket } from "node:net";

const HEAD = "Host: 127.0.0.1\r\n";
const get = (path: string, more = ""): string => `GET ${path} HTTP/1.1\r\n${HEAD}${more}\r\n`;
const STREAM = get("/api/v1/events", "Accept: text/event-stream\r\n");

export interface Target {
  readonly port: number;
  /** The address of this machine that it comes from. */
  readonly from: string;
}

/** One client: what it sends, how it reads, when it goes. */
interface Client {
  readonly count: number;
  readonly send: readonly (string | Buffer)[];
  /** Between two parts of `send`. */
  readonly pauseMs?: number;
  readonly reads?: boolean;
  /** What it does after the last part; by default it stays. */
  readonly leaves?: "reset" | "half-close";
  /** Comes again when its connection has ended. */
  readonly again?: boolean;
}

export const SHAPES: Readonly<Record<string, Client>> = {
  "scrapes ahead, nothing read, gone": { count: 20, send: [get("/metrics").repeat(32)], leaves: "reset", again: true },
  "streams ahead, nothing read, gone": { count: 20, send: [STREAM.repeat(32)], leaves: "reset", again: true },
  "pages ahead by the thousand": { count: 4, send: [get("/").repeat(1000)], again: true },
  "silent connections": { count: 1_000, send: [] },
  "half a request line": { count: 300, send: ["GET /metr"] },
  "headers, a byte at a time": {
    count: 100,
    send: get("/metrics", "X-Slow: abcdefghijklmnopqrstuvwxyz\r\n").split(""),
    pauseMs: 300,
  },
  "a body that never comes": { count: 100, send: [`POST /-/reload HTTP/1.1\r\n${HEAD}Content-Length: 1000\r\n\r\n`] },
  "a body that never ends": {
    count: 10,
    send: [
      `POST /-/reload HTTP/1.1\r\n${HEAD}Transfer-Encoding: chunked\r\n\r\n`,
      ...Array<string>(100).fill(`1000\r\n${"x".repeat(4096)}\r\n`),
    ],
    pauseMs: 20,
    again: true,
  },
  "connections that are reset at once": { count: 20, send: [""], leaves: "reset", again: true },
  "requests that are reset at once": { count: 20, send: [get("/metrics")], leaves: "reset", again: true },
  "half-closed after the request": { count: 50, send: [get("/metrics")], leaves: "half-close", again: true },
  "half-closed with nothing asked": { count: 100, send: [], leaves: "half-close" },
  "streams never read": { count: 100, send: [STREAM] },
  "answers never read": {
    count: 60,
    send: [get("/api/v1/kstats"), get("/api/v1/kstats"), get("/api/v1/kstats")],
    pauseMs: 50,
  },
  "TLS where there is none": {
    count: 20,
    send: [Buffer.from("16030100c8010000c40303", "hex")],
    again: true,
    reads: true,
  },
  noise: { count: 20, send: [Buffer.alloc(4096, 0xa5)], again: true, reads: true },
  "headers without end": {
    count: 10,
    send: [`GET / HTTP/1.1\r\n${HEAD}`, ...Array<string>(50).fill(`X: ${"y".repeat(1000)}\r\n`)],
    again: true,
    reads: true,
  },
  "expecting 100, then nothing": {
    count: 50,
    send: [`PUT /-/reload HTTP/1.1\r\n${HEAD}Expect: 100-continue\r\nContent-Length: 9\r\n\r\n`],
  },
  "other protocols": {
    count: 20,
    send: [get("/", "Connection: Upgrade\r\nUpgrade: websocket\r\n"), `CONNECT x:1 HTTP/1.1\r\n${HEAD}\r\n`],
    again: true,
    reads: true,
  },
  "reloads by the hundred": {
    count: 40,
    send: [`POST /-/reload HTTP/1.1\r\n${HEAD}Connection: close\r\n\r\n`],
    again: true,
    reads: true,
  },
};

/** Begins; the returned function ends it. */
export function attack(
  { port, from }: Target,
  { count, send, pauseMs = 0, reads = false, leaves, again = false }: Client,
): () => void {
  let stopped = false;
  const sockets = new Set<Socket>();
  const begin = (): void => {
    const socket = connect({ port, host: "127.0.0.1", localAddress: from });
    sockets.add(socket);
    socket.on("error", () => {}); // to be turned away is what it is for
    socket.on("close", () => {
      sockets.delete(socket);
      if (again && !stopped) setTimeout(begin, 1);
    });
    if (reads) socket.resume();
    socket.on("connect", () => void speak(socket));
  };
  const speak = async (socket: Socket): Promise<void> => {
    for (const part of send) {
      if (socket.destroyed) return;
      socket.write(part);
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
    if (leaves === "reset") socket.resetAndDestroy();
    else if (leaves === "half-close") socket.end();
  };
  for (let client = 0; client < count; client++) begin();
  return () => {
    stopped = true;
    for (const socket of sockets) socket.destroy();
  };
}
