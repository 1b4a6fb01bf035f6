/** What users have today: node_exporter and snmpd in the same namespace, asked all the time while the disturbance goes on. */

import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Hooks, Netns } from "../../test/support/netns.ts";
import { root } from "../../test/support/root.ts";
import { scratch } from "../../test/support/scratch.ts";
import { eventually } from "../../test/support/wait.ts";
import { COUNT_NAMES, type Counts, counts } from "./counts.ts";
import { SummedIncrease } from "./increase.ts";
import type { Poll } from "./poller.ts";

const NODE_PORT = 9100;
const SNMP_PORT = 161;
/** NET-SNMP-AGENT-MIB::nsCacheTimeout of ifTable, which ifXTable shares. By default 15 s: readings would be that old. */
const IF_TABLE_CACHE = "1.3.6.1.4.1.8072.1.5.3.1.2.1.3.6.1.2.1.2.2";
const CACHE_SECONDS = 1;
/** Polls that are surely not answered from what snmpd has kept: more than its cache lasts. */
const FRESH_POLLS = 8;

export const RIVALS = ["node_exporter", "snmpd"] as const;
export type Rival = (typeof RIVALS)[number];

export class Rivals {
  readonly #sums: Map<Rival, SummedIncrease>;

  private constructor(sums: Map<Rival, SummedIncrease>) {
    this.#sums = sums;
  }

  /**
   * Starts what is installed, and answers when each has been asked once. `isMember`: rows that are summed, by name. With `procfs`,
   * a made-up one, only node_exporter: snmpd reads only its own.
   */
  static async start(hooks: Hooks, ns: Netns, isMember: (device: string) => boolean, procfs?: string): Promise<Rivals> {
    const folder = scratch(hooks);
    const installed = {
      node_exporter: isInstalled("prometheus-node-exporter"),
      snmpd: isInstalled("snmpd") && procfs === undefined,
    };
    const sums = new Map(RIVALS.filter((rival) => installed[rival]).map((rival) => [rival, new SummedIncrease()]));
    if (installed.node_exporter) startNodeExporter(ns, procfs);
    if (installed.snmpd) await startSnmpd(ns, folder);
    const ports = [installed.node_exporter ? NODE_PORT : 0, installed.snmpd ? SNMP_PORT : 0].map(String);
    const poller = ns.spawn([process.execPath, root(".test-build", "bench", "accuracy", "poller.js"), ...ports], {
      stdio: ["ignore", "inherit", "inherit", "ipc"],
    });
    poller.on("message", ({ of, devices }: Poll) => {
      const members = devices.filter(([device]) => isMember(device));
      sums.get(of)?.add(new Map(members.map(([device, ...texts]) => [device, fromTexts(texts)])));
    });
    const rivals = new Rivals(sums);
    // snmpd's first readings of a link are not complete: its packets come one update later.
    await rivals.fresh();
    for (const rival of sums.keys()) sums.set(rival, new SummedIncrease());
    await rivals.#polled(1);
    return rivals;
  }

  get(rival: Rival): SummedIncrease | undefined {
    return this.#sums.get(rival);
  }

  /** Waits until each has been asked for readings of now. */
  async fresh(): Promise<void> {
    await this.#polled(FRESH_POLLS);
  }

  async #polled(more: number): Promise<void> {
    const wanted = [...this.#sums.values()].map((sums) => ({ sums, until: sums.samples + more }));
    await eventually(
      () => wanted.every(({ sums, until }) => sums.samples >= until),
      () => "node_exporter or snmpd does not answer",
    );
  }
}

export function isInstalled(program: string): boolean {
  try {
    execFileSync("sh", ["-c", `command -v ${program}`], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

function startNodeExporter(ns: Netns, procfs: string | undefined): void {
  const source = procfs === undefined ? [] : [`--path.procfs=${procfs}`, "--no-collector.netdev.netlink"];
  const flags = ["--collector.disable-defaults", "--collector.netdev", `--web.listen-address=127.0.0.1:${NODE_PORT}`];
  ns.spawn(["prometheus-node-exporter", ...flags, ...source], { stdio: "ignore" });
}

async function startSnmpd(ns: Netns, folder: string): Promise<void> {
  const file = join(folder, "snmpd.conf");
  writeFileSync(file, `agentAddress udp:127.0.0.1:${SNMP_PORT}\nrwcommunity public 127.0.0.1\n`);
  const environment = { ...process.env, MIBS: "", SNMPCONFPATH: "/nonexistent", SNMP_PERSISTENT_DIR: folder };
  ns.spawn(["snmpd", "-f", "-Ln", "-C", "-c", file], { stdio: "ignore", env: environment });
  const set = ["snmpset", "-v2c", "-cpublic", "-t1", "-r0", `udp:127.0.0.1:${SNMP_PORT}`, IF_TABLE_CACHE];
  await eventually(
    () => {
      try {
        ns.run("env", "MIBS=", ...set, "i", String(CACHE_SECONDS));
        return true;
      } catch {
        return false;
      }
    },
    () => "snmpd does not answer",
  );
}

function fromTexts(texts: readonly string[]): Counts {
  return counts((name) => BigInt(texts[COUNT_NAMES.indexOf(name)] ?? 0));
}
