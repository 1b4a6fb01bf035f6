/**
 * A little program around a source, to be run inside a network namespace: it prints what the source says as lines of JSON, and
 * obeys commands on its standard input.
 *
 *   node probe-program.js auto|netlink|procfs
 *
 *   {"why": …, "name": …, "schema": […]}   once, then {"events": […]} whenever the source wakes
 *   counters → {"counters": {ifindex: {name: value}}}     routes → {"routes": […]}     addresses → {"addresses": […]}
 *   block PATH → does not return to the event loop until the file is gone
 */

import { existsSync } from "node:fs";
import { createInterface } from "node:readline";
import { openLinuxSource } from "#src/sources/linux/choose-source.js";

const kind = process.argv[2];
if (kind !== "auto" && kind !== "netlink" && kind !== "procfs") throw new Error("usage: auto|netlink|procfs");
const { source, why } = await openLinuxSource({ source: kind, procfs: "/proc", sysfs: "/sys" });
const names = source.schema.statistics.map(({ name }) => name);

function say(value: object): void {
  const text = JSON.stringify(value, (_, field: unknown) => {
    if (typeof field === "bigint") return String(field);
    return field instanceof BigUint64Array ? named(field) : field;
  });
  process.stdout.write(`${text}\n`);
}

function named(counters: BigUint64Array): Record<string, string> {
  return Object.fromEntries(Array.from(counters, (value, index) => [names[index], String(value)]));
}

say({ why, name: source.kind, schema: names });
source.open(() => say({ events: source.drain() }));

const commands: Record<string, (argument: string) => void> = {
  counters: () => {
    const counters: Record<number, object> = {};
    source.readCounters?.((ifindex, values) => {
      counters[ifindex] = named(values);
    });
    say({ counters });
  },
  routes: () => say({ routes: source.defaultRoutes?.() }),
  addresses: () => say({ addresses: source.addresses?.() }),
  block: (path) => {
    say({ blocked: true });
    const turn = new Int32Array(new SharedArrayBuffer(4));
    while (existsSync(path)) Atomics.wait(turn, 0, 0, 5);
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const [command = "", argument = ""] = line.split(" ");
  commands[command]?.(argument);
}
source.close();
