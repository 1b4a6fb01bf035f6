/**
 * The demo's stage: a host with three links in a network namespace of its own, what they are connected to in another, and
 * traffic between them. Nothing outside of these two namespaces is touched, and `clear` takes everything away again.
 */

import { execFileSync, fork, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const PREFIX = "ipmpdemo";
export const LINKS = /** @type {const} */ (["eth0", "eth1", "eth2"]);

/** @typedef {typeof LINKS[number]} Link */
/** @typedef {{ received: bigint, sent: bigint }} Bytes */

/** How long the kernel may take to settle a link's state; it takes milliseconds. */
const DEADLINE_MS = 20_000;
const STEP_MS = 20;

/** The stage could not be set, and why. */
export class StageError extends Error {
  /** @override */
  name = "StageError";
}

/** @param {readonly string[]} args @returns {string} */
function ip(...args) {
  try {
    return execFileSync("ip", args, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  } catch (error) {
    const said = error instanceof Error && "stderr" in error ? String(error.stderr).trim().split("\n")[0] : "";
    throw new StageError(`ip ${args.join(" ")}: ${said || error}`, { cause: error });
  }
}

/**
 * Waits until something is so.
 * @template T
 * @param {string} what for the message when it never is
 * @param {() => T | undefined | false | Promise<T | undefined | false>} question
 * @returns {Promise<T>}
 */
export async function until(what, question) {
  const end = performance.now() + DEADLINE_MS;
  for (;;) {
    const answer = await question();
    if (answer !== undefined && answer !== false) return answer;
    if (performance.now() > end) throw new StageError(`waited ${DEADLINE_MS / 1000} s in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, STEP_MS));
  }
}

export class Stage {
  host = `${PREFIX}-${process.pid}-host`;
  far = `${PREFIX}-${process.pid}-far`;
  folder = mkdtempSync(join(tmpdir(), `${PREFIX}-${process.pid}-`));
  /** @type {Set<import("node:child_process").ChildProcess>} */
  #children = new Set();
  /** @type {Map<string, import("node:child_process").ChildProcess>} */
  #senders = new Map();
  #cleared = false;

  /** @throws StageError */
  set() {
    removeLeftOvers();
    for (const namespace of [this.host, this.far]) {
      ip("netns", "add", namespace);
      ip("-n", namespace, "link", "set", "lo", "up");
    }
  }

  /** Senders of traffic on both sides; they wait until they are told where to send. */
  async begin() {
    for (const namespace of [this.host, this.far]) {
      const sender = fork(fileURLToPath(new URL("sender.js", import.meta.url)), {
        execPath: "ip",
        execArgv: ["netns", "exec", namespace, process.execPath],
        stdio: ["ignore", "ignore", "inherit", "ipc"],
      });
      this.#track(sender);
      this.#senders.set(namespace, sender);
      await once(sender, "message");
    }
  }

  /** A pair of virtual Ethernet ends, one on each side, up and with a neighbour, so that no ARP is needed. @param {Link} link */
  async connect(link) {
    const far = `${link}-far`;
    ip("link", "add", link, "netns", this.host, "type", "veth", "peer", "name", far, "netns", this.far);
    const subnet = `10.0.${LINKS.indexOf(link)}`;
    const ends = /** @type {const} */ ([
      [this.host, link, 1],
      [this.far, far, 2],
    ]);
    for (const [namespace, device, number] of ends) {
      ip("netns", "exec", namespace, "sh", "-c", NO_IPV6, "sh", device);
      ip("-n", namespace, "address", "add", `${subnet}.${number}/24`, "dev", device);
      ip("-n", namespace, "link", "set", device, "up");
    }
    for (const [index, [namespace, device, number]] of ends.entries()) {
      const [otherSide, other] = ends[1 - index] ?? ends[0];
      const neighbour = ["lladdr", address(otherSide, other), "dev", device, "nud", "permanent"];
      ip("-n", namespace, "neighbour", "replace", `${subnet}.${3 - number}`, ...neighbour);
    }
    await this.#carrier(link, true);
  }

  /** The far end's carrier goes, as when a cable is pulled. @param {Link} link */
  async cut(link) {
    ip("-n", this.far, "link", "set", `${link}-far`, "down");
    await this.#carrier(link, false);
  }

  /** @param {Link} link */
  async mend(link) {
    ip("-n", this.far, "link", "set", `${link}-far`, "up");
    // The kernel forgot the neighbour with the carrier.
    const mac = address(this.host, link);
    const subnet = `10.0.${LINKS.indexOf(link)}`;
    ip("-n", this.far, "neighbour", "replace", `${subnet}.1`, "lladdr", mac, "dev", `${link}-far`, "nud", "permanent");
    await this.#carrier(link, true);
  }

  /** @param {Link} link */
  remove(link) {
    ip("-n", this.host, "link", "delete", link);
  }

  /** The kernel settles a link's state a little later (linkwatch). @param {Link} link @param {boolean} wanted */
  #carrier(link, wanted) {
    return until(`${link} should ${wanted ? "have" : "lose"} its carrier`, () => {
      const [shown] = JSON.parse(ip("-n", this.host, "-j", "link", "show", "dev", link));
      return (shown?.operstate === "UP") === wanted;
    });
  }

  /** Sends over these links, in both directions, until `hold`. @param {readonly Link[]} links */
  send(links) {
    for (const [namespace, sender] of this.#senders) {
      const last = namespace === this.host ? 2 : 1;
      sender.send(links.map((link) => `10.0.${LINKS.indexOf(link)}.${last}`));
    }
  }

  /** Stops the traffic; answers when nothing is under way any more. */
  async hold() {
    for (const sender of this.#senders.values()) {
      const held = once(sender, "message");
      sender.send([]);
      await held;
    }
  }

  /** The kernel's own counters of the links that are there. @returns {Map<string, Bytes>} */
  counters() {
    const [sender] = this.#senders.values();
    const lines = readFileSync(`/proc/${sender?.pid}/net/dev`, "utf8").split("\n");
    return new Map(
      lines.flatMap((line) => {
        const [, name = "", rest = ""] = /^\s*(eth\d): *(.*)$/.exec(line) ?? [];
        const fields = rest.split(/ +/);
        return name === "" ? [] : [[name, { received: BigInt(fields[0] ?? 0), sent: BigInt(fields[8] ?? 0) }]];
      }),
    );
  }

  /** Runs a program on the host to its end. @param {readonly string[]} command @returns {string} what it printed @throws StageError */
  run(...command) {
    return ip("netns", "exec", this.host, ...command);
  }

  /** Starts a program on the host. @param {readonly string[]} command */
  start(...command) {
    const child = spawn("ip", ["netns", "exec", this.host, ...command], { stdio: ["ignore", "ignore", "pipe"] });
    this.#track(child);
    return child;
  }

  /** @param {import("node:child_process").ChildProcess} child */
  #track(child) {
    this.#children.add(child);
    child.once("exit", () => this.#children.delete(child));
  }

  /** Ends what was started and removes what was made. May be called at any time, and again. */
  clear() {
    if (this.#cleared) return;
    this.#cleared = true;
    for (const child of this.#children) child.kill("SIGKILL");
    for (const namespace of [this.host, this.far]) if (exists(namespace)) ip("netns", "delete", namespace);
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** A link without IPv6: its solicitations would be counted too, and nobody asked for them. */
const NO_IPV6 = 'f=/proc/sys/net/ipv6/conf/$1/disable_ipv6; [ ! -e "$f" ] || echo 1 > "$f"';

/** @param {string} namespace @param {string} device @returns {string} */
function address(namespace, device) {
  const [shown] = JSON.parse(ip("-n", namespace, "-j", "link", "show", "dev", device));
  return shown.address;
}

/** @param {string} namespace */
const exists = (namespace) => existsSync(`/run/netns/${namespace}`);

/** Of demos that were killed before they could clear up: their process is no more. */
function removeLeftOvers() {
  for (const name of leftOvers("/run/netns")) {
    for (const inside of ip("netns", "pids", name).split("\n").filter(Boolean)) end(Number(inside));
    ip("netns", "delete", name);
  }
  for (const name of leftOvers(tmpdir())) rmSync(join(tmpdir(), name), { recursive: true, force: true });
}

/** @param {string} folder @returns {string[]} names */
function leftOvers(folder) {
  return (existsSync(folder) ? readdirSync(folder) : []).filter((name) => {
    const pid = new RegExp(`^${PREFIX}-(\\d+)-`).exec(name)?.[1];
    return pid !== undefined && !existsSync(`/proc/${pid}`);
  });
}

/** @param {number} pid */
function end(pid) {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has ended by itself, as the senders do.
  }
}
