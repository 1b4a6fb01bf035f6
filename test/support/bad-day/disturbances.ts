/** What goes wrong on a bad day: each disturbance does one thing at random, and can put right what it has done. */

import { execFileSync, type ChildProcess, spawn } from "node:child_process";
import { createSocket } from "node:dgram";
import {
  chmodSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { request } from "node:http";
import { connect } from "node:net";
import { join } from "node:path";
import { request as snmpRequest } from "../../exposition/snmp/manager.ts";
import { changed, corpus, type Random } from "../../fuzz/target.ts";
import { mutate } from "../../snmp/mutation.ts";

export interface Victim {
  readonly pid: number;
  /** Of the configuration; it is the program's own. */
  readonly folder: string;
  readonly controlSocket: string;
  readonly port: number;
  readonly snmpPort: number;
  readonly configuration: string;
  readonly webConfiguration: string;
  /** Where it keeps its state. */
  readonly stateFolder: string;
  readonly link: string;
  readonly log: LogPlace;
}

/** Where standard error goes. */
export type LogPlace =
  | { readonly kind: "disk"; readonly file: string }
  | { readonly kind: "pipe"; readonly path: string };

interface Disturbance {
  harm(random: Random): void;
  /** Everything is as it was. */
  mend(): void;
}

/** By name; `mend` all of them at the end of the day. */
export function disturbances(victim: Victim): Readonly<Record<string, Disturbance>> {
  return {
    log: victim.log.kind === "disk" ? fullDisk(victim.log.file) : lostReader(victim.log.path),
    "configuration in the making": rewritten(join(victim.folder, "ipmp.yml"), victim.configuration),
    "web configuration in the making": rewritten(join(victim.folder, "web.yml"), victim.webConfiguration),
    permissions: closedFolder(victim.folder),
    "state folder": replacedFolder(victim.stateFolder),
    clock: { harm: () => process.kill(victim.pid, "SIGUSR2"), mend: () => {} },
    descriptors: scarce(victim.pid),
    reloads: { harm: (random) => reloads(victim, 1 + random(50)), mend: () => {} },
    guessers: { harm: (random) => guesses(victim.port, 1 + random(10)), mend: () => {} },
    "hostile HTTP": { harm: (random) => hostileHttp(victim.port, random), mend: () => {} },
    "hostile SNMP": { harm: (random) => hostileSnmp(victim.snmpPort, random), mend: () => {} },
    links: flapping(victim.link),
  };
}

function fullDisk(file: string): Disturbance {
  const mend = () => truncateSync(file);
  return {
    harm(random) {
      if (random(2) === 0) return mend();
      const fd = openSync(file, "a");
      try {
        for (;;) writeSync(fd, Buffer.alloc(4096, "\n"));
      } catch {
        // It is full.
      } finally {
        closeSync(fd);
      }
    },
    mend,
  };
}

function lostReader(path: string): Disturbance {
  let reader: ChildProcess | undefined = spawn("cat", [path], { stdio: "ignore" });
  const end = () => {
    reader?.kill("SIGKILL");
    reader = undefined;
  };
  const mend = () => {
    reader?.kill("SIGCONT");
    reader ??= spawn("cat", [path], { stdio: "ignore" });
    reader.unref();
  };
  return {
    harm: (random) => [() => reader?.kill("SIGSTOP"), end, mend][random(3)]?.(),
    mend,
  };
}

/** Written in place, and left as far as it got: empty, or a part that is no configuration by itself. */
function rewritten(file: string, text: string): Disturbance {
  const mend = () => writeFileSync(file, text);
  return {
    harm: (random) => (random(2) === 0 ? mend() : writeFileSync(file, text.slice(0, random(text.length - 1)))),
    mend,
  };
}

function closedFolder(folder: string): Disturbance {
  return { harm: (random) => chmodSync(folder, random(2) === 0 ? 0 : 0o777), mend: () => chmodSync(folder, 0o777) };
}

function replacedFolder(folder: string): Disturbance {
  const aside = `${folder}.aside`;
  return {
    harm(random) {
      if (random(2) === 0) return;
      rmSync(aside, { recursive: true, force: true });
      if (existsSync(folder)) renameSync(folder, aside);
      mkdirSync(folder);
      chmodSync(folder, 0o777);
    },
    mend() {
      mkdirSync(folder, { recursive: true });
      chmodSync(folder, 0o777);
    },
  };
}

function scarce(pid: number): Disturbance {
  // As the program's own user: another one would need a capability for it.
  const [setpriv, ...nobody] = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] as const;
  const limit = (count: number) =>
    void execFileSync(setpriv, [...nobody, "prlimit", `--pid=${pid}`, `--nofile=${count}:`]);
  return {
    harm: (random) => limit(random(2) === 0 ? 1024 : readdirSync(`/proc/${pid}/fd`).length + 1 + random(4)),
    mend: () => limit(1024),
  };
}

function flapping(link: string): Disturbance {
  const set = (state: "up" | "down") => void execFileSync("ip", ["link", "set", link, state]);
  return { harm: (random) => set(random(2) === 0 ? "up" : "down"), mend: () => set("up") };
}

function reloads({ controlSocket, pid }: Victim, count: number): void {
  process.kill(pid, "SIGHUP");
  for (let n = 0; n < count; n++) {
    request({ socketPath: controlSocket, path: "/-/reload", method: "POST", agent: false }, (response) =>
      response.resume(),
    )
      .on("error", () => {})
      .end();
  }
}

function guesses(port: number, count: number): void {
  for (let n = 0; n < count; n++) {
    request(
      { port, host: "127.0.0.1", localAddress: "127.0.0.2", path: "/metrics", auth: `ali:guess ${n}`, agent: false },
      (response) => response.resume(),
    )
      .on("error", () => {})
      .end();
  }
}

const REQUESTS = corpus("http").map(([, bytes]) => bytes);

/** Broken requests, requests whose answer is not waited for, and connections that stay silent for a while. */
function hostileHttp(port: number, random: Random): void {
  for (let n = random(20); n >= 0; n--) {
    const socket = connect({ port, host: "127.0.0.1", localAddress: "127.0.0.3" });
    socket.on("error", () => {});
    setTimeout(() => socket.destroy(), random(3_000)).unref();
    if (random(3) > 0) socket.write(changed(REQUESTS, random));
    if (random(3) === 0) socket.resetAndDestroy();
  }
}

function hostileSnmp(port: number, random: Random): void {
  const socket = createSocket("udp4");
  socket.on("error", () => {});
  const original = snmpRequest({ names: ["1.3.6.1.2.1.1.5.0", "1.3.6.1.2.1.2"], second: 20 });
  for (let n = 0; n < 200; n++) socket.send(mutate(original, random), port, "127.0.0.1");
  setTimeout(() => socket.close(), 1_000);
}
