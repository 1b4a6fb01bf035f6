/** Node alone, which holds an answer ready: what a scrape costs at least, and how soon this machine answers anybody just now. */

import { Server } from "./server.ts";

/** Answers every request with so many octets. */
const ANSWER =
  'const body = Buffer.alloc(Number(process.argv[2]), 97); require("node:http").createServer((_, answer) => answer.end(body)).listen(process.argv[1], "127.0.0.1")';

/** Starts it on a port of 127.0.0.1. It is ready when `/` answers. */
export function startFloor(port: number, octets: number): Server {
  return new Server(process.execPath, ["--eval", ANSWER, `${port}`, `${octets}`], port);
}
