/**
 * The stage inside the virtual machine: a bond of d0 and d1 to a switch, traffic over it in both directions, the program, and
 * node_exporter and snmpd beside it. All of them, and the kernel, are asked about once a second.
 */

import { execFileSync, spawn } from "node:child_process";
import { createSocket } from "node:dgram";
import { writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type { Program } from "../../test/support/program.ts";
import { scratch } from "../../test/support/scratch.ts";
import { kernelCounters, kernelSays } from "../../test/vm/kernel-view.ts";
import { groupsOf, programSays, walkColumn } from "../../test/vm/program-view.ts";
import type { Command } from "../../test/vm/scenario.ts";
import { ask, perform, start } from "../../test/vm/world.ts";
import { type Counts, counts, larger, minus, ZERO } from "../accuracy/counts.ts";
import { Increase, SummedIncrease } from "../accuracy/increase.ts";
import { askNodeExporter } from "../accuracy/node-exporter.ts";
import type { BondOutcome, BondRow } from "./row.ts";

const NODE_PORT = 9100;
const SNMP_PORT = 161;
/** NET-SNMP-AGENT-MIB::nsCacheTimeout of ifTable, which ifXTable shares: 15 s by default. */
const IF_TABLE_CACHE = "1.3.6.1.4.1.8072.1.5.3.1.2.1.3.6.1.2.1.2.2";
const CACHE_SECONDS = 1;
/** More than snmpd's cache lasts, and longer than its next update takes. */
const STALE_MS = 2500;
const POLL_MS = 500;
const LIMIT_MS = 120_000;
/** Packets at one go, and their size. */
const BURST = 20;
const PAYLOAD = 400;
const BURST_MS = 100;

const BONDS = new Set(["bond0", "uplink"]);
const SLAVES = new Set(["d0", "d1"]);
const hooks = { after: () => {} }; // everything ends with the machine

export class BondStage {
  readonly #folder: string;
  #program: Program;
  #traffic: NodeJS.Timeout | undefined;
  readonly #socket = createSocket("udp4");
  #kernel = new Increase();
  #ours = new Increase();
  #rivals = Array.from({ length: 4 }, () => new SummedIncrease());
  #polls = 0;
  /** The bond's counters at the last reading, and the most that they have grown since the one before. */
  #last: Counts | undefined;
  #largestGrowth = ZERO;
  #isWatching = false;
  #watching: Promise<void> = Promise.resolve();

  private constructor(program: Program, folder: string) {
    this.#program = program;
    this.#folder = folder;
    this.#socket.on("error", () => {}); // no route, no answer: what is compared is what was counted
  }

  static async open(): Promise<BondStage> {
    const folder = scratch(hooks);
    startNodeExporter();
    await startSnmpd(folder);
    return new BondStage(await start({ folder }), folder);
  }

  /** Plays one row, from a bond that is made anew. */
  async play({ name, title, explanation, disturb }: BondRow, make: readonly Command[]): Promise<BondOutcome> {
    this.perform(...make);
    await this.says("bond0 ok: d0 active, d1");
    await this.quiet();
    this.#kernel = new Increase();
    this.#ours = new Increase();
    this.#rivals = this.#rivals.map(() => new SummedIncrease());
    this.#polls = 0;
    this.#last = undefined;
    this.#largestGrowth = ZERO;
    await this.#poll();
    this.#watch();
    await this.carry();
    await disturb(this);
    await this.carry();
    this.#isWatching = false;
    await this.#watching;
    await this.quiet();
    await this.#poll();
    return {
      ...{ name, title, polls: this.#polls },
      ...(explanation === undefined ? {} : { explanation, bound: this.#largestGrowth }),
      carried: this.#kernel.total,
      said: this.#ours.total,
      rivals: this.#rivals.map((sums) => sums.outcome("snmpd").sumOfIncreases),
    };
  }

  perform(...commands: readonly Command[]): void {
    for (const command of commands) perform(command);
  }

  /** Waits until the kernel says so of its bonds (kernel-view.ts). */
  async kernelSays(wanted: string): Promise<void> {
    const said = await ask(kernelSays, (now) => now === wanted, LIMIT_MS);
    if (said !== wanted) throw new Error(`The kernel says "${said}", not "${wanted}"`);
  }

  /** Waits until what the program says of its groups has these words. */
  async says(words: string): Promise<void> {
    const said = await ask(
      async () => programSays(await groupsOf(this.#program).catch(() => [])),
      (now) => now.includes(words),
      LIMIT_MS,
    );
    if (!said.includes(words)) throw new Error(`The program says "${said}", not "${words}"`);
  }

  /** Lets traffic flow for a while, and on. */
  async carry(): Promise<void> {
    this.#traffic ??= setInterval(() => this.#send("10.9.0.2"), BURST_MS);
    await sleep(2000);
  }

  /** Packets to somebody else. */
  async sendTo(address: string, bursts: number): Promise<void> {
    for (let n = 0; n < bursts; n++) {
      this.#send(address);
      await sleep(BURST_MS);
    }
  }

  /** Stops traffic, and waits until everybody has seen all of it. */
  async quiet(): Promise<void> {
    clearInterval(this.#traffic);
    this.#traffic = undefined;
    await sleep(STALE_MS);
    await this.#poll(); // snmpd begins to read anew when it is asked
    await sleep(STALE_MS);
    await this.#poll();
  }

  /** Ends the program and starts it again, while traffic goes on. */
  async restart(signal: "SIGTERM" | "SIGKILL"): Promise<void> {
    this.#program.signal(signal);
    await this.#program.exited();
    await sleep(1000);
    this.#program = await start({ folder: this.#folder });
  }

  #send(address: string): void {
    for (let n = 0; n < BURST; n++) this.#socket.send(Buffer.alloc(PAYLOAD), 9, address, () => {});
  }

  #add(bond: Counts): void {
    this.#kernel.add(bond);
    this.#largestGrowth = larger(this.#largestGrowth, minus(bond, this.#last ?? bond));
    this.#last = bond;
  }

  #watch(): void {
    this.#isWatching = true;
    this.#watching = (async () => {
      while (this.#isWatching) {
        await this.#poll();
        await sleep(POLL_MS);
      }
    })();
  }

  async #poll(): Promise<void> {
    const [bond] = kernelCounters().values();
    if (bond) this.#add(fromKstats(bond));
    const groups = await groupsOf(this.#program).catch(() => []);
    const group = groups.find(({ name }) => BONDS.has(name));
    if (group) this.#ours.add(fromKstats(group.kstats));
    const nodeExporter = await askNodeExporter(NODE_PORT);
    const snmpd = await askSnmpd().catch(() => undefined);
    for (const [n, devices] of [nodeExporter, nodeExporter, snmpd, snmpd].entries()) {
      const wanted = n % 2 === 0 ? BONDS : SLAVES;
      if (devices) this.#rivals[n]?.add(new Map([...devices].filter(([device]) => wanted.has(device))));
    }
    this.#polls++;
  }
}

const KSTATS = {
  receive_bytes: "rbytes64",
  transmit_bytes: "obytes64",
  receive_packets: "ipackets64",
  transmit_packets: "opackets64",
} as const;

function fromKstats(kstats: Readonly<Record<(typeof KSTATS)[keyof typeof KSTATS], string>>): Counts {
  return counts((name) => BigInt(kstats[KSTATS[name]]));
}

const IF_X_ENTRY = "1.3.6.1.2.1.31.1.1.1";
/** Columns of ifXTable, RFC 2863; packets of a direction are unicast, multicast and broadcast. */
const COLUMNS = {
  receive_bytes: [6],
  transmit_bytes: [10],
  receive_packets: [7, 8, 9],
  transmit_packets: [11, 12, 13],
} as const;
const IF_NAME = 1;

async function askSnmpd(): Promise<Map<string, Counts>> {
  const names = await walkColumn(`${IF_X_ENTRY}.${IF_NAME}`, SNMP_PORT);
  const found = new Map<string, Record<string, bigint>>();
  for (const [count, columns] of Object.entries(COLUMNS)) {
    for (const column of columns) {
      const values = await walkColumn(`${IF_X_ENTRY}.${column}`, SNMP_PORT);
      for (const [ifindex, { content }] of names) {
        const device = Buffer.from(content).toString();
        const row = found.get(device) ?? {};
        found.set(device, row);
        const value = values.get(ifindex)?.content ?? new Uint8Array();
        row[count] = (row[count] ?? 0n) + BigInt(`0x0${Buffer.from(value).toString("hex")}`);
      }
    }
  }
  return new Map([...found].map(([device, row]) => [device, counts((name) => row[name] ?? ZERO[name])]));
}

function startNodeExporter(): void {
  const flags = ["--collector.disable-defaults", "--collector.netdev", `--web.listen-address=127.0.0.1:${NODE_PORT}`];
  spawn("prometheus-node-exporter", flags, { stdio: "ignore" });
}

async function startSnmpd(folder: string): Promise<void> {
  const file = `${folder}/snmpd.conf`;
  writeFileSync(file, `agentAddress udp:127.0.0.1:${SNMP_PORT}\nrwcommunity public 127.0.0.1\n`);
  const environment = { ...process.env, MIBS: "", SNMPCONFPATH: "/nonexistent", SNMP_PERSISTENT_DIR: folder };
  spawn("snmpd", ["-f", "-Ln", "-C", "-c", file], { stdio: "ignore", env: environment });
  const set = ["-v2c", "-cpublic", "-t2", "-r0", `udp:127.0.0.1:${SNMP_PORT}`, IF_TABLE_CACHE, "i", `${CACHE_SECONDS}`];
  const isSet = await ask(
    () => {
      try {
        execFileSync("snmpset", set, { stdio: "ignore", env: environment });
        return true;
      } catch {
        return false;
      }
    },
    Boolean,
    LIMIT_MS,
  );
  if (!isSet) throw new Error("snmpd does not answer");
}
