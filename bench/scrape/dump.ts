/** The server of dump.c, compiled where there is a compiler. */

import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { root } from "../../test/support/root.ts";
import { Server } from "../support/server.ts";

const PORT = 9102;

/** Answers with so many octets; undefined without a compiler. @throws Error with what the compiler said */
export function startDump(folder: string, octets: number): Server | undefined {
  const program = join(folder, "dump");
  const { error, status, stderr } = spawnSync("cc", ["-O2", "-o", program, root("bench", "scrape", "dump.c")], {
    encoding: "utf8",
  });
  if (error !== undefined) return undefined;
  if (status !== 0) throw new Error(`dump.c: ${stderr}`);
  return new Server(program, [`${PORT}`, `${octets}`], PORT);
}
