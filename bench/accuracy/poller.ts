/**
 * Runs inside the namespace and asks node_exporter and snmpd again and again, as Prometheus and an SNMP manager would. Each answer
 * goes to the parent as a message.
 *
 *   node poller.js NODE_EXPORTER_PORT SNMPD_PORT      (0: not there)
 */

import { setTimeout as wait } from "node:timers/promises";
import { createSession, ObjectType, Version2c } from "net-snmp";
import { COUNT_NAMES, type Counts, counts } from "./counts.ts";
import { askNodeExporter } from "./node-exporter.ts";

export interface Poll {
  readonly of: "node_exporter" | "snmpd";
  /** Counts as decimal texts, in the order of COUNT_NAMES, by device. */
  readonly devices: readonly (readonly [device: string, ...counts: string[]])[];
}

/** Ten times as often as people do: what is lost between two polls is a tenth. */
const INTERVAL_MS = 200;

const [nodePort, snmpPort] = process.argv.slice(2).map(Number);

function send(of: Poll["of"], devices: ReadonlyMap<string, Counts>): void {
  const rows = [...devices].map(([device, row]): Poll["devices"][number] => [
    device,
    ...COUNT_NAMES.map((name) => String(row[name])),
  ]);
  process.send?.({ of, devices: rows } satisfies Poll);
}

async function pollNodeExporter(port: number): Promise<void> {
  for (;;) {
    const devices = await askNodeExporter(port);
    if (devices) send("node_exporter", devices);
    await wait(INTERVAL_MS);
  }
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

async function pollSnmpd(port: number): Promise<void> {
  const session = createSession("127.0.0.1", "public", { port, version: Version2c, timeout: 2000, retries: 0 });
  const walk = (): Promise<Map<string, unknown>> =>
    new Promise((resolve, reject) => {
      const cells = new Map<string, unknown>();
      session.subtree(
        IF_X_ENTRY,
        50,
        (varbinds) => {
          for (const { oid, type, value } of varbinds) {
            cells.set(oid.slice(IF_X_ENTRY.length + 1), type === ObjectType.Counter64 ? unsigned(value) : value);
          }
        },
        (error) => (error ? reject(error) : resolve(cells)),
      );
    });
  for (;;) {
    const cells = await walk().catch(() => undefined);
    if (cells && cells.size > 0) {
      const devices = new Map<string, Counts>();
      for (const [cell, value] of cells) {
        const [column, ifindex] = cell.split(".");
        if (Number(column) !== IF_NAME) continue;
        const at = (n: number): bigint => {
          const counter = cells.get(`${n}.${ifindex}`);
          return typeof counter === "bigint" ? counter : 0n;
        };
        devices.set(
          String(value),
          counts((name) => COLUMNS[name].reduce((total, n) => total + at(n), 0n)),
        );
      }
      send("snmpd", devices);
    }
    await wait(INTERVAL_MS);
  }
}

/** A Counter64 arrives as its bytes. */
function unsigned(value: unknown): bigint {
  return Buffer.isBuffer(value) && value.length > 0 ? BigInt(`0x${value.toString("hex")}`) : 0n;
}

process.on("disconnect", () => process.exit());
if (nodePort) void pollNodeExporter(nodePort);
if (snmpPort) void pollSnmpd(snmpPort);
