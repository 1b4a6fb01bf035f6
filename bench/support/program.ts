/** The programs that benches measure, started as packages start them. */

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../../test/support/root.ts";
import { PACKAGED_NODE_OPTIONS } from "./node-options.ts";
import { Server } from "./server.ts";

export const OUR_PORT = 10191;
export const THEIR_PORT = 9100;
export const FLOOR_PORT = 9101;

/** A configuration in which so many of the links in turn make a group. */
export function groupsOf(links: readonly string[], size: number): string {
  const groups = Array.from({ length: Math.ceil(links.length / size) }, (_, index) => {
    const members = links.slice(index * size, (index + 1) * size);
    return `  - { name: group${index}, interfaces: [${members.join(", ")}] }\n`;
  });
  return `groups:\n${groups.join("")}`;
}

interface Started {
  readonly args?: readonly string[];
  readonly nodeOptions?: readonly string[];
  /** File for what it writes to standard error. */
  readonly log?: string;
}

/** This program; its files lie in the folder, which the caller deletes. */
export function startProgram(
  folder: string,
  configured: string,
  { args = [], nodeOptions = PACKAGED_NODE_OPTIONS, log }: Started = {},
): Server {
  const config = join(folder, "config.yml");
  writeFileSync(config, configured);
  const files = [`--state.file=${join(folder, "state.json")}`, `--control.socket=${join(folder, "control.sock")}`];
  const web = `--web.listen-address=127.0.0.1:${OUR_PORT}`;
  const program = [...nodeOptions, root("dist", "main.js"), `--config.file=${config}`];
  const line = [process.execPath, ...program, ...files, web, ...args];
  const [command, ...rest] = log === undefined ? line : ["sh", "-c", 'exec "$@" 2>"$0"', log, ...line];
  return new Server(command ?? "", rest, OUR_PORT);
}

/** Debian's node_exporter with its netdev collector alone. */
export function startNodeExporter(): Server {
  const collectors = ["--collector.disable-defaults", "--collector.netdev"];
  return new Server(
    "prometheus-node-exporter",
    [...collectors, `--web.listen-address=127.0.0.1:${THEIR_PORT}`],
    THEIR_PORT,
  );
}
