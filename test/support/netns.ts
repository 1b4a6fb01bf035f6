/**
 * Network namespaces for system tests: real links, real routes, real traffic, nothing of the machine touched.
 *
 *   describe("…", { skip: NO_NETNS }, () => {
 *     test("…", (t) => {
 *       const ns = Netns.create(t, "links");        // deleted when the test ends, also when it fails
 *       ns.addVeth("va", "vb");                      // up, with a way for traffic in both directions
 *       ns.send("va", { packets: 100, bytes: 1000 });  // exactly so many UDP packets leave va and arrive at vb
 *       ns.run("node", "program.js");                // a program inside
 *
 * Names hold the process id; namespaces left by a test run that was killed are deleted when the next one begins.
 */

import { type ChildProcess, execFileSync, type SpawnOptions, spawn } from "node:child_process";
import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { root } from "./root.ts";
import { eventually } from "./wait.ts";

/** Why namespaces cannot be made here, or false: for the `skip` of a test. */
export const NO_NETNS: string | false = whyNot();

function whyNot(): string | false {
  if (process.platform !== "linux") return "network namespaces are Linux's";
  if (process.getuid?.() !== 0) return "needs root to make network namespaces";
  try {
    execFileSync("ip", ["-V"], { stdio: "ignore" });
    execFileSync("unshare", ["--net", "true"], { stdio: "pipe" });
  } catch (error) {
    return `cannot make a network namespace: ${error instanceof Error ? error.message.trim() : error}`;
  }
  return false;
}

const PREFIX = "ipmptest";
const alive = new Set<Netns>();
let made = 0;
const DEADLINE_NS = 60_000_000_000n;
/** Numbers the subnets of wired links; each namespace can use them anew. */
const SUBNETS = 200;

/** Whoever runs `after` hooks: a test's or a suite's context. */
export interface Hooks {
  after(hook: () => void): void;
}

export interface Traffic {
  readonly packets: number;
  /** UDP payload of each; the link counts 42 more (Ethernet 14, IPv4 20, UDP 8). */
  readonly bytes: number;
}

/** Bytes that a link counts for such traffic. */
export function linkBytes({ packets, bytes }: Traffic): number {
  return packets * (bytes + 42);
}

/** Gives up every privilege, with no way to gain one again, and runs the rest of the command line. */
export const DROP_PRIVILEGES: readonly string[] = [
  "setpriv",
  ...["--reuid=65534", "--regid=65534", "--clear-groups", "--inh-caps=-all", "--bounding-set=-all", "--no-new-privs"],
];

/**
 * Shows the checkout to everybody, for the rest of the command line alone: in a mount namespace of its own an empty folder lies
 * over the one that is closed, and the checkout lies in it again.
 */
const SHOW_CHECKOUT = `
set -e
mount --bind "$0" /mnt
mount -t tmpfs -o mode=755 tmpfs "$1"
mkdir -p "$0"
mount --bind /mnt "$0"
shift
exec "$@"
`;

/** A command line that runs the rest as nobody, without any capability, wherever the checkout lies. */
export const AS_NOBODY: readonly string[] = asNobody(root());

function asNobody(checkout: string): readonly string[] {
  const closed = closedFolder(checkout);
  if (closed === undefined) return DROP_PRIVILEGES;
  const unshare = ["unshare", "--mount", "--propagation", "private"];
  return [...unshare, "sh", "-c", SHOW_CHECKOUT, checkout, closed, ...DROP_PRIVILEGES];
}

/** The uppermost folder of a path that nobody may not go through, such as /root. */
function closedFolder(path: string): string | undefined {
  const steps = path.split("/").filter((step) => step !== "");
  const folders = steps.map((_, depth) => `/${steps.slice(0, depth + 1).join("/")}`);
  return folders.find((folder) => (statSync(folder).mode & 0o001) === 0);
}

export class Netns {
  readonly name: string;
  readonly #children = new Set<ChildProcess>();
  #subnets = 0;

  private constructor(name: string) {
    this.name = name;
  }

  /**
   * A new namespace with lo up. IPv6 is off, so that no router solicitation or duplicate detection is counted on a link;
   * `ipv6: true` leaves it on.
   */
  static create(hooks: Hooks, label: string, { ipv6 = false } = {}): Netns {
    if (made === 0) deleteLeftOvers();
    const ns = new Netns(`${PREFIX}-${process.pid}-${++made}-${label}`);
    execute("ip", "netns", "add", ns.name);
    alive.add(ns);
    hooks.after(() => ns.delete());
    const off = ipv6 ? 0 : 1;
    for (const scope of ["all", "default"]) {
      ns.run("sh", "-c", `f=/proc/sys/net/ipv6/conf/${scope}/disable_ipv6; [ ! -e $f ] || echo ${off} > $f`);
    }
    ns.ip("link", "set", "lo", "up");
    return ns;
  }

  /** Runs ip(8) in the namespace. @returns what it printed @throws with what it complained about */
  ip(...args: readonly string[]): string {
    return execute("ip", "-n", this.name, ...args);
  }

  /** Runs many commands of ip(8) at once. */
  batch(commands: readonly string[]): void {
    execFileSync("ip", ["-n", this.name, "-batch", "-"], {
      input: commands.join("\n"),
      stdio: ["pipe", "ignore", "pipe"],
    });
  }

  /** Runs a program in the namespace (with its /sys) to its end. @returns what it printed */
  run(command: string, ...args: readonly string[]): string {
    return execute("ip", "netns", "exec", this.name, command, ...args);
  }

  /** Starts a program in the namespace; it is killed with the namespace if it still runs. */
  spawn(command: readonly string[], options: SpawnOptions = {}): ChildProcess {
    const child = spawn("ip", ["netns", "exec", this.name, ...command], options);
    this.#children.add(child);
    child.once("exit", () => this.#children.delete(child));
    return child;
  }

  /** A veth pair, both ends up and wired. The other end may lie in another namespace. */
  addVeth(name: string, peer: string, peerNs: Netns = this): void {
    this.ip("link", "add", name, "type", "veth", "peer", "name", peer, "netns", peerNs.name);
    this.ip("link", "set", name, "up");
    peerNs.ip("link", "set", peer, "up");
    this.wire(name, peerNs.lladdr(peer));
    peerNs.wire(peer, this.lladdr(name));
    this.waitFor(name, "UP");
    peerNs.waitFor(peer, "UP");
  }

  /** Waits until a link has that operational state: the kernel settles it a little later (linkwatch). */
  waitFor(device: string, operstate: string): void {
    const deadline = process.hrtime.bigint() + DEADLINE_NS;
    for (;;) {
      const { operstate: now } = this.link(device);
      if (now === operstate) return;
      if (process.hrtime.bigint() > deadline) throw new Error(`"${device}" should become ${operstate}: it is ${now}`);
    }
  }

  /**
   * Gives a link a subnet and a neighbour of that MAC, so that `send` has somewhere to send to: without ARP, without an answer.
   */
  wire(device: string, neighbour: string): void {
    const subnet = `10.200.${++this.#subnets}`;
    if (this.#subnets > SUBNETS) throw new Error(`Cannot wire "${device}": more than ${SUBNETS} links are wired`);
    this.ip("address", "add", `${subnet}.1/24`, "dev", device);
    this.ip("neighbour", "replace", `${subnet}.2`, "lladdr", neighbour, "dev", device, "nud", "permanent");
  }

  /** Sends exactly so many UDP packets out of a wired link. */
  send(device: string, { packets, bytes }: Traffic): void {
    const address = /inet (10\.200\.\d+)\.1\//.exec(this.ip("address", "show", "dev", device))?.[1];
    if (address === undefined) throw new Error(`Cannot send through "${device}": it is not wired`);
    this.run(process.execPath, "--eval", SENDER, `${address}.2`, String(packets), String(bytes));
  }

  lladdr(device: string): string {
    return this.link(device).address;
  }

  /** What `ip -s -j link` says of a link. Counters are numbers here: for traffic that a test has made. */
  link(device: string): IpLink {
    const [link] = JSON.parse(this.ip("-s", "-j", "link", "show", "dev", device)) as IpLink[]; // ip(8)'s own format
    if (link === undefined) throw new Error(`Cannot find "${device}" in ${this.name}`);
    return link;
  }

  delete(): void {
    if (!alive.delete(this)) return;
    for (const child of this.#children) child.kill("SIGKILL");
    execute("ip", "netns", "delete", this.name);
  }
}

/** The IPv6 link-local address of a link, when it may be used. */
export async function linkLocal(ns: Netns, device: string): Promise<string> {
  const find = () =>
    /inet6 (fe80::[^/]+)\/\d+ scope link (?!.*tentative)/.exec(ns.ip("address", "show", "dev", device))?.[1];
  await eventually(
    () => find() !== undefined,
    () => `${device} has no link-local address`,
  );
  return find() ?? "";
}

export interface IpLink {
  readonly ifindex: number;
  readonly ifname: string;
  readonly address: string;
  readonly operstate: string;
  readonly stats64: { readonly rx: IpCounters; readonly tx: IpCounters };
}

export interface IpCounters {
  readonly bytes: number;
  readonly packets: number;
  readonly errors: number;
  readonly dropped: number;
}

/** Waits for each packet to be handed to the kernel before the next, so that none is dropped for want of room. */
const SENDER = `
const [address, packets, bytes] = process.argv.slice(1);
const socket = require("node:dgram").createSocket("udp4");
const payload = Buffer.alloc(Number(bytes));
let left = Number(packets);
const next = (error) => {
  if (error) throw error;
  if (left-- > 0) socket.send(payload, 9, address, next);
  else socket.close();
};
next();
`;

function execute(command: string, ...args: readonly string[]): string {
  return execFileSync(command, args, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"], maxBuffer: 64 << 20 });
}

/** Those of processes that are no more, and those that an earlier process of our own number left. */
function deleteLeftOvers(): void {
  if (!existsSync("/run/netns")) return;
  for (const name of readdirSync("/run/netns")) {
    const pid = new RegExp(`^${PREFIX}-(\\d+)-`).exec(name)?.[1];
    if (pid === undefined || (pid !== String(process.pid) && existsSync(`/proc/${pid}`))) continue;
    try {
      execute("ip", "netns", "delete", name);
    } catch (error) {
      // A test file that began at the same moment has deleted it.
      if (existsSync(join("/run/netns", name))) throw error;
    }
  }
}

process.on("exit", () => {
  for (const ns of alive) ns.delete();
});
