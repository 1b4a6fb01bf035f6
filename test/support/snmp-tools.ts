/** Debian's SNMP programs inside a network namespace: managers, a receiver of notifications, a master agent. */

import { type ChildProcess, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Netns } from "./netns.ts";
import { root } from "./root.ts";
import { eventually } from "./wait.ts";

/** Why a test that needs these programs must be skipped, or false. */
export function withoutTools(...programs: readonly string[]): string | false {
  const missing = programs.filter((program) => spawnSync(program, ["--version"]).error !== undefined);
  return missing.length === 0 ? false : `not installed (scripts/install-test-tools does it): ${missing.join(", ")}`;
}

/** Neither the user's nor the system's settings, and MIB files of the package and ours only. */
function environment(home: string): NodeJS.ProcessEnv {
  return {
    ...process.env,
    MIBDIRS: [root("node_modules/net-snmp/lib/mibs"), root("mibs")].join(":"),
    MIBS: "SNMPv2-MIB:IF-MIB:IANAifType-MIB:IPMP-EXPORTER-MIB",
    SNMPCONFPATH: home,
    SNMP_PERSISTENT_DIR: home,
    // For net-snmp of npm, in a program of one line.
    NODE_PATH: root("node_modules"),
  };
}

export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs one of net-snmp's managers to its end. */
export async function manager(ns: Netns, program: string, ...args: readonly string[]): Promise<Outcome> {
  const child = ns.spawn([program, ...args], { stdio: ["ignore", "pipe", "pipe"], env: environment("/nonexistent") });
  const text = { stdout: "", stderr: "" };
  for (const stream of ["stdout", "stderr"] as const) {
    child[stream]?.setEncoding("utf8").on("data", (chunk: string) => {
      text[stream] += chunk;
    });
  }
  const [code] = (await once(child, "close")) as [number | null];
  return { code, ...text };
}

/** A request that is lost, or comes before the agent listens, is repeated: an answer may take long on a busy machine. */
const PATIENCE = ["-r10", "-t2"] as const;

/** Arguments for a user of version 3; passwords as given. */
export function asUser(name: string, auth: [string, string], priv?: [string, string]): readonly string[] {
  return [
    ...["-v3", ...PATIENCE, "-u", name, "-l", priv ? "authPriv" : "authNoPriv", "-a", auth[0], "-A", auth[1]],
    ...(priv ? ["-x", priv[0], "-X", priv[1]] : []),
  ];
}

/** snmptrapd, and the lines that it wrote: one a notification, `version and who|address|varbinds`. */
export class TrapReceiver {
  static readonly PORT = 1162;
  readonly #child: ChildProcess;
  #output = "";

  private constructor(child: ChildProcess) {
    this.#child = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding("utf8").on("data", (text: string) => {
        this.#output += text;
      });
    }
  }

  /** Starts it, on UDP port 1162 of lo unless told otherwise, and waits until it listens. `home` is where its own state lies. */
  static async start(
    ns: Netns,
    home: string,
    access: readonly string[],
    listen = `udp:127.0.0.1:${TrapReceiver.PORT}`,
  ): Promise<TrapReceiver> {
    mkdirSync(home, { recursive: true });
    const file = join(home, "snmptrapd.conf");
    writeFileSync(file, [...access, "format2 %P|%W %b|%v\\n", "format1 %P|%N %w %q from %a|%v\\n", ""].join("\n"));
    const command = ["snmptrapd", "-f", "-Lo", "-n", "-C", "-c", file, listen];
    const child = ns.spawn(command, { stdio: ["ignore", "pipe", "pipe"], env: environment(home) });
    const receiver = new TrapReceiver(child);
    await eventually(
      () => receiver.#output.includes("NET-SNMP version"),
      () => `snmptrapd does not start: ${receiver.#output}`,
    );
    return receiver;
  }

  /** What it received so far. */
  get lines(): readonly string[] {
    return this.#output.split("\n").filter((line) => /TRAP|INFORM/.test(line));
  }

  /** What came before does not count any more. */
  forget(): void {
    this.#output = "";
  }

  /** Waits for a notification with all of `parts`. */
  async received(...parts: readonly (string | RegExp)[]): Promise<string> {
    const has = (line: string) =>
      parts.every((part) => (typeof part === "string" ? line.includes(part) : part.test(line)));
    await eventually(
      () => this.lines.some(has),
      () => `no notification with ${parts.join(", ")} in:\n${this.#output}`,
    );
    return this.lines.find(has) ?? "";
  }

  async stop(): Promise<void> {
    const ended = once(this.#child, "exit");
    this.#child.kill("SIGTERM");
    await ended;
  }
}

/** Starts snmpd as AgentX master on UDP port 161, and waits until it answers. */
export async function startMaster(
  ns: Netns,
  home: string,
  socket: string,
  more: readonly string[] = [],
): Promise<void> {
  mkdirSync(home, { recursive: true });
  const file = join(home, "snmpd.conf");
  const lines = ["agentAddress udp:127.0.0.1:161", "rocommunity public 127.0.0.1", "master agentx"];
  writeFileSync(file, [...lines, `agentXSocket ${socket}`, ...more, ""].join("\n"));
  ns.spawn(["snmpd", "-f", "-Ln", "-C", "-c", file], { stdio: "ignore", env: environment(home) });
  await eventually(
    async () => (await manager(ns, "snmpget", ...COMMUNITY, "-Oqv", "udp:127.0.0.1:161", UP_TIME)).code === 0,
    () => "snmpd does not answer",
  );
}

export const COMMUNITY = ["-v2c", "-c", "public", ...PATIENCE] as const;
const UP_TIME = "SNMPv2-MIB::sysUpTime.0";
