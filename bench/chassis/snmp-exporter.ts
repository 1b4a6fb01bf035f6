/** What users have today: prometheus-snmp-exporter, through which both devices are asked all the time, and sums over their series. */

import { execFile, spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { promisify } from "node:util";
import type { Hooks, Netns } from "../../test/support/netns.ts";
import { scratch } from "../../test/support/scratch.ts";
import { eventually } from "../../test/support/wait.ts";
import { type Counts, counts } from "../accuracy/counts.ts";
import { SummedIncrease } from "../accuracy/increase.ts";

/** Of the ports that nobody is given by chance. */
const LISTENS = `127.0.0.1:${19_000 + (process.pid % 10_000)}`;
/** As often as the program polls. */
const PAUSE_MS = 500;
/** Samples that are surely not from what snmpd has kept: more than its cache of 1 s lasts. */
const FRESH_SAMPLES = 4;

const IF_DESCR = "1.3.6.1.2.1.2.2.1.2";
/** Columns as its module if_mib has them: of 64 bits, and of 32 for devices that have no others. */
const METRICS: Readonly<Record<string, string>> = {
  ifInOctets: "1.3.6.1.2.1.2.2.1.10",
  ifInUcastPkts: "1.3.6.1.2.1.2.2.1.11",
  ifOutOctets: "1.3.6.1.2.1.2.2.1.16",
  ifOutUcastPkts: "1.3.6.1.2.1.2.2.1.17",
  ifHCInOctets: "1.3.6.1.2.1.31.1.1.1.6",
  ifHCInUcastPkts: "1.3.6.1.2.1.31.1.1.1.7",
  ifHCInMulticastPkts: "1.3.6.1.2.1.31.1.1.1.8",
  ifHCInBroadcastPkts: "1.3.6.1.2.1.31.1.1.1.9",
  ifHCOutOctets: "1.3.6.1.2.1.31.1.1.1.10",
  ifHCOutUcastPkts: "1.3.6.1.2.1.31.1.1.1.11",
  ifHCOutMulticastPkts: "1.3.6.1.2.1.31.1.1.1.12",
  ifHCOutBroadcastPkts: "1.3.6.1.2.1.31.1.1.1.13",
};
const HIGH_CAPACITY: Readonly<Record<keyof Counts, readonly string[]>> = {
  receive_bytes: ["ifHCInOctets"],
  transmit_bytes: ["ifHCOutOctets"],
  receive_packets: ["ifHCInUcastPkts", "ifHCInMulticastPkts", "ifHCInBroadcastPkts"],
  transmit_packets: ["ifHCOutUcastPkts", "ifHCOutMulticastPkts", "ifHCOutBroadcastPkts"],
};
const NARROW: typeof HIGH_CAPACITY = {
  receive_bytes: ["ifInOctets"],
  transmit_bytes: ["ifOutOctets"],
  receive_packets: ["ifInUcastPkts"],
  transmit_packets: ["ifOutUcastPkts"],
};

const run = promisify(execFile);

export interface Target {
  /** ADDRESS:PORT of its agent. */
  readonly address: string;
  /** ifDescr of the link that is a member, under any name that it has. */
  readonly isMember: (device: string) => boolean;
}

export class SnmpExporter {
  readonly #ns: Netns | undefined;
  readonly #targets: readonly Target[];
  #running = true;
  readonly #done: Promise<void>;
  sums = new SummedIncrease();

  private constructor(ns: Netns | undefined, targets: readonly Target[]) {
    this.#ns = ns;
    this.#targets = targets;
    this.#done = this.#sample();
  }

  /** In the namespace of the hub, or here. Answers when each device has been asked. */
  static async start(hooks: Hooks, ns: Netns | undefined, targets: readonly Target[]): Promise<SnmpExporter> {
    const file = join(scratch(hooks), "snmp.yml");
    writeFileSync(file, JSON.stringify({ if_mib: module() })); // JSON is YAML
    const command = ["prometheus-snmp-exporter", `--config.file=${file}`, `--web.listen-address=${LISTENS}`];
    const [program = "", ...args] = command;
    const child = ns ? ns.spawn(command, { stdio: "ignore" }) : spawn(program, args, { stdio: "ignore" });
    const exporter = new SnmpExporter(ns, targets);
    hooks.after(() => {
      exporter.#running = false;
      child.kill("SIGKILL");
    });
    await exporter.fresh();
    return exporter;
  }

  /** From here on is counted. */
  begin(): void {
    this.sums = new SummedIncrease();
  }

  async fresh(): Promise<void> {
    const until = this.sums.samples + FRESH_SAMPLES;
    await eventually(
      () => this.sums.samples >= until,
      () => "prometheus-snmp-exporter does not answer",
    );
  }

  async stop(): Promise<void> {
    this.#running = false;
    await this.#done;
  }

  /** A device that does not answer has no samples, as in Prometheus. */
  async #sample(): Promise<void> {
    while (this.#running) {
      const devices = new Map<string, Counts>();
      const texts = await Promise.all(this.#targets.map(({ address }) => this.#scrape(address)));
      for (const [n, text] of texts.entries())
        for (const [device, counted] of countsOf(text))
          if (this.#targets[n]?.isMember(device)) devices.set(`${n} ${device}`, counted);
      if (devices.size > 0) this.sums.add(devices);
      await wait(PAUSE_MS);
    }
  }

  async #scrape(address: string): Promise<string> {
    const url = `http://${LISTENS}/snmp?module=if_mib&target=${address}`;
    const command = ["curl", "-sf", "-m", "3", url];
    const [program = "", ...args] = this.#ns ? ["ip", "netns", "exec", this.#ns.name, ...command] : command;
    return run(program, args).then(
      ({ stdout }) => stdout,
      () => "",
    );
  }
}

function module(): object {
  const metrics = Object.entries(METRICS).map(([name, oid]) => ({
    name,
    oid,
    type: "counter",
    help: name,
    indexes: [{ labelname: "ifIndex", type: "gauge" }],
    lookups: [{ labels: ["ifIndex"], labelname: "ifDescr", oid: IF_DESCR, type: "DisplayString" }],
  }));
  const walk = [IF_DESCR, ...Object.values(METRICS)];
  return { walk, metrics, version: 2, timeout: "500ms", retries: 1, auth: { community: "public" } };
}

/** By ifDescr. */
function countsOf(text: string): Map<string, Counts> {
  const samples = new Map<string, Map<string, bigint>>();
  for (const [, name = "", device = "", value = ""] of text.matchAll(
    /^(\w+)\{[^}]*ifDescr="([^"]*)"[^}]*\} (\S+)$/gm,
  )) {
    const of = samples.get(device) ?? new Map<string, bigint>();
    samples.set(device, of.set(name, BigInt(Math.round(Number(value)))));
  }
  return new Map(
    Array.from(samples, ([device, of]) => {
      const columns = of.has("ifHCInOctets") ? HIGH_CAPACITY : NARROW;
      return [device, counts((name) => columns[name].reduce((sum, column) => sum + (of.get(column) ?? 0n), 0n))];
    }),
  );
}
