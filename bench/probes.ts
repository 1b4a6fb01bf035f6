/**
 * How soon probes find a path that is cut two hops away, and repair it, against the failure detection time; and what probes cost.
 *
 * Needs root. The program runs as nobody, without a capability.
 *
 *   npm run bench -- probes [--cuts=10] [--time=1] [--links=256] [--warm-up=10] [--seconds=10]
 */

import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { AS_NOBODY, type Hooks, Netns, NO_NETNS } from "../test/support/netns.ts";
import { Program } from "../test/support/program.ts";
import { UplinkNetwork } from "../test/support/uplink-network.ts";
import type { Errand } from "./probes/bare-sender.ts";
import { alone } from "./support/alone.ts";

const BARE_SENDER = fileURLToPath(new URL("./probes/bare-sender.js", import.meta.url));

/** Between two probes at a failure detection time of 10 s. */
const INTERVAL_MS = 1_428;

/** @throws Error without what is needed */
export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      cuts: { type: "string", default: "10" },
      time: { type: "string", default: "1" },
      links: { type: "string", default: "256" },
      "warm-up": { type: "string", default: "10" },
      seconds: { type: "string", default: "10" },
    },
  });
  if (NO_NETNS) throw new Error(NO_NETNS);
  await alone((hooks) => measureCuts(hooks, Number(values.cuts), Number(values.time)));
  await alone((hooks) => measureLoad(hooks, Number(values.links), Number(values["warm-up"]), Number(values.seconds)));
}

async function measureCuts(hooks: Hooks, cuts: number, time: number): Promise<void> {
  if (cuts === 0) return;
  const network = UplinkNetwork.create(hooks);
  network.multipath("4");
  const config = `groups: [{ name: ipmp0, interfaces: [up0, up1] }]
detection: { failure_detection_time: ${time * 1000}ms, probes: { enabled: true } }
`;
  const program = await Program.start(hooks, { ns: network.host, through: AS_NOBODY, config });
  await sleep(1_000 * (time * 2));
  const found: number[] = [];
  const mended: number[] = [];
  for (let cut = 0; cut < cuts; cut++) {
    found.push(await until(program, "failed", () => network.cut(1)));
    mended.push(await until(program, "active", () => network.mend(1)));
  }
  const interval = (time * 1000) / 7;
  print(
    "found after",
    found,
    `failure detection time and half an interval: ${(time * 1000 + interval / 2).toFixed(0)} ms`,
  );
  print("mended after", mended, `ten and a half intervals and what is under way: ${(interval * 11.5).toFixed(0)} ms`);
}

/** Milliseconds from doing something until the log says that the member is in that state. */
async function until(program: Program, state: string, act: () => void): Promise<number> {
  const from = program.log.length;
  const began = Date.now();
  act();
  for (;;) {
    await sleep(5);
    const line = program.log.slice(from).find((one) => one.includes("device=up1") && one.includes(` to=${state}`));
    const stamp = /ts=(\S+)/.exec(line ?? "")?.[1];
    if (stamp !== undefined) return Date.parse(stamp) - began;
  }
}

function print(what: string, milliseconds: readonly number[], limit: string): void {
  const sorted = [...milliseconds].sort((a, b) => a - b);
  const median = sorted[sorted.length >> 1] ?? 0;
  console.log(`${what}: ${sorted.length} times, median ${median} ms, worst ${sorted.at(-1)} ms (${limit})`);
}

/** Links to one router, each with both families, at the failure detection time of 10 s. */
async function measureLoad(hooks: Hooks, links: number, warmUp: number, seconds: number): Promise<void> {
  if (links === 0) return;
  const host = Netns.create(hooks, "host", { ipv6: true });
  const router = Netns.create(hooks, "router", { ipv6: true });
  const numbers = Array.from({ length: links }, (_, n) => n);
  const mac = (end: number, n: number) => `02:00:00:00:0${end}:${n.toString(16).padStart(2, "0")}`;
  host.batch(
    numbers.map(
      (n) => `link add u${n} address ${mac(9, n)} type veth peer name r${n} address ${mac(1, n)} netns ${router.name}`,
    ),
  );
  for (const [ns, name, end, peer] of [[host, "u", 9, 1] as const, [router, "r", 1, 9] as const]) {
    ns.batch(
      numbers.flatMap((n) => [
        `address add 10.9.${n}.${end}/24 dev ${name}${n}`,
        `address add 2001:db8:${n.toString(16)}::${end}/64 dev ${name}${n} nodad`,
        `link set ${name}${n} up`,
        // Neighbours that are known for good: the tables of those that are learnt are as small for all namespaces together as for one host.
        `neighbour add 10.9.${n}.${peer} lladdr ${mac(peer, n)} dev ${name}${n} nud permanent`,
        `neighbour add 2001:db8:${n.toString(16)}::${peer} lladdr ${mac(peer, n)} dev ${name}${n} nud permanent`,
      ]),
    );
  }
  host.waitFor(`u${links - 1}`, "UP");
  host.run("sh", "-c", "echo '0 2147483647' > /proc/sys/net/ipv4/ping_group_range");
  const targets = numbers.map((n) => `u${n}: [10.9.${n}.1, "2001:db8:${n.toString(16)}::1"]`);
  const config = `groups: [{ name: g, interfaces: [{ match: "^u[0-9]+$" }] }]
detection: { failure_detection_time: 10s, probes: { enabled: true, targets: { ${targets.join(", ")} } } }
`;
  const program = await Program.start(hooks, { ns: host, through: AS_NOBODY, config });
  await sleep(warmUp * 1_000);
  const total = async (family: string) =>
    [...(await program.metrics())].reduce(
      (sum, [name, value]) => sum + (name.startsWith(family) ? Number(value) : 0),
      0,
    );
  const before = await total("ipmp_probe_sent_total");
  const [busy, began] = [cpuMs(program.pid), performance.now()];
  await sleep(seconds * 1_000);
  const [used, passed] = [cpuMs(program.pid) - busy, performance.now() - began];
  const probes = (await total("ipmp_probe_sent_total")) - before;
  const counted = performance.now() - began; // from one reading to the next, which takes a while of its own
  const due = (2 * links * counted) / INTERVAL_MS;
  const losses = await total("ipmp_probe_lost_total");
  const refused = await total("ipmp_probe_send_errors_total");
  program.signal("SIGTERM");
  await program.exited();
  // While it is raised, judged probes are fewer, and those between them, which only measure, are not counted.
  const raises = program.log.filter((line) => line.includes("failure detection time changed"));
  const bare = await measureBareSender(host, numbers, seconds);
  const percent = (share: number) => `${(100 * share).toFixed(1)} % of a core`;
  console.log(
    `${links} links, both families: ${probes} probes in ${(counted / 1000).toFixed(1)} s (${due.toFixed(0)} are due), ${percent(used / passed)}; since the start ${losses} lost, ${refused} not sent`,
  );
  console.log(
    `as many sent and received and nothing else: ${percent(bare)}; the program takes ${(used / passed / bare).toFixed(2)} times that`,
  );
  for (const line of raises) console.log(`disturbed: ${line}`);
}

/** The share of a core that the same probes take when nobody looks at the answers. */
async function measureBareSender(host: Netns, numbers: readonly number[], seconds: number): Promise<number> {
  const errands = numbers.flatMap((n): Errand[] => {
    const [device, { ifindex }] = [`u${n}`, host.link(`u${n}`)];
    const network = `2001:db8:${n.toString(16)}::`;
    return [
      { origin: { family: "ipv4", device, ifindex, source: `10.9.${n}.9` }, target: `10.9.${n}.1` },
      { origin: { family: "ipv6", device, ifindex, source: `${network}9` }, target: `${network}1` },
    ];
  });
  const rate = errands.length / (INTERVAL_MS / 1000);
  const child = host.spawn([...AS_NOBODY, process.execPath, BARE_SENDER, String(rate)], {
    stdio: ["pipe", "ignore", "inherit"],
  });
  child.stdin?.end(JSON.stringify(errands));
  await sleep(5_000);
  const pid = child.pid ?? 0;
  const [busy, began] = [cpuMs(pid), performance.now()];
  await sleep(seconds * 1_000);
  const share = (cpuMs(pid) - busy) / (performance.now() - began);
  child.kill();
  await once(child, "exit");
  return share;
}

/** Time on a CPU of all threads of a process, as the scheduler measures it: ticks would count a process that wakes with them too often. */
function cpuMs(pid: number): number {
  const threads = readdirSync(`/proc/${pid}/task`).map((task) =>
    readFileSync(`/proc/${pid}/task/${task}/schedstat`, "utf8"),
  );
  return threads.reduce((sum, line) => sum + Number(line.split(" ")[0]) / 1e6, 0);
}
