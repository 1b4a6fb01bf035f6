/** A web server for a test, with everything it is given within reach, and an HTTP client that shows the whole answer. */

import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { type IncomingHttpHeaders, type IncomingMessage, type RequestOptions, request } from "node:http";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { EventLog } from "#src/daemon/snapshots/event-log.js";
import type { LogLevel } from "#src/log/log.js";
import type { Snapshot, Snapshots } from "#src/snapshot/snapshot.js";
import { createWeb, type Phase, type ReloadOutcome, type Web, type WebOptions } from "#src/web/web.js";
import { httpAddresses } from "../support/net-address.ts";
import { EXAMPLE, withoutEach } from "../support/snapshot.ts";
import { eventually } from "../support/wait.ts";

export interface Logged {
  readonly level: LogLevel;
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** What the server is connected to; a test changes it as it goes. */
export interface World {
  phase: Phase;
  /** Called for each collection. */
  fresh: (maxAge?: bigint) => Promise<Snapshot>;
  /** What a page is made of. */
  shared: Snapshot;
  suppose: WebOptions["suppose"];
  reload: () => Promise<ReloadOutcome>;
  audit: WebOptions["audit"];
  readonly events: EventLog;
  readonly log: Logged[];
}

export interface Serving {
  readonly web: Web;
  readonly world: World;
  readonly port: number;
}

export function aWorld(): World {
  return {
    phase: "ready",
    fresh: () => Promise.resolve(EXAMPLE),
    shared: EXAMPLE,
    suppose: (without) => withoutEach(EXAMPLE, without),
    reload: () => Promise.resolve({ kind: "reloaded" }),
    audit: () => [],
    events: new EventLog(),
    log: [],
  };
}

export function optionsOf(world: World): WebOptions {
  const snapshots: Snapshots = {
    fresh: (maxAge) => world.fresh(maxAge),
    within: () => world.shared,
    states: () => world.shared,
    of: () => world.shared,
    about: () => world.shared,
    sources: () => world.shared.sources,
  };
  const log =
    (level: Logged["level"]) =>
    (message: string, fields: Logged["fields"] = {}) => {
      world.log.push({ level, message, fields });
    };
  return {
    snapshots,
    suppose: (without) => world.suppose(without),
    phase: () => world.phase,
    reload: () => world.reload(),
    reloadState: () => ({ successful: true, succeededMs: 1_763_853_300_250 }),
    logLinesDropped: () => 0,
    enableLifecycle: false,
    hostNames: [],
    audit: () => world.audit(),
    events: world.events,
    probes: { since: () => [] },
    log: { debug: log("debug"), info: log("info"), warn: log("warn"), error: log("error") },
    host: "host.example",
    build: { version: "1.2.3", revision: "abcdef" },
    control: {
      offline: (device) =>
        Promise.resolve({ kind: "refused", message: `Cannot take "${device}" offline: it is the last usable one` }),
      online: (device) =>
        Promise.resolve(device === "eth0" ? { kind: "done" } : { kind: "unknown", message: `No link "${device}"` }),
    },
    telemetryPath: "/metrics",
    maxRequests: 40,
    // Only the process's own metrics would make two scrapes differ.
    exporterMetrics: false,
    createdSeries: false,
  };
}

/** Serves on a free port of 127.0.0.1 until the test ends. */
export async function serve(context: TestContext, options: Partial<WebOptions> = {}): Promise<Serving> {
  const world = aWorld();
  const web = createWeb({ ...optionsOf(world), ...options });
  const [address = ""] = await web.listen(httpAddresses("127.0.0.1:0"));
  context.after(() => web.close(0));
  return { web, world, port: Number(address.split(":").at(-1)) };
}

/** A folder that is gone when the test ends. */
export function folder(context: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), "web-"));
  context.after(() => {
    rmSync(path, { recursive: true, force: true });
  });
  return path;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  readonly text: string;
}

/** One request on a connection of its own, unless an agent is given. */
export async function ask(options: RequestOptions & { readonly body?: string }): Promise<Answer> {
  const outgoing = request({ host: "127.0.0.1", agent: false, ...options });
  outgoing.end(options.body);
  // Exactly one argument comes with "response".
  const [incoming] = (await once(outgoing, "response")) as [IncomingMessage];
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer); // no encoding is set: chunks are buffers
  const body = Buffer.concat(chunks);
  return { status: incoming.statusCode ?? 0, headers: incoming.headers, body, text: body.toString("utf8") };
}

/** Whether a scrape is answered; where answers have little time, a busy machine may cut one. */
export async function isServed(port: number): Promise<boolean> {
  const answer = await ask({ port, path: "/metrics" }).catch(() => undefined);
  return answer?.status === 200;
}

/** A connection on which a test may do what no HTTP client would. */
export async function rawConnection(context: TestContext, port: number): Promise<Socket> {
  const socket = connect(port, "127.0.0.1");
  context.after(() => socket.destroy());
  return connected(socket);
}

/** Once it is connected, or has been cut already: of a server that resets it at once, a client that is slow hears only that. */
export async function connected(socket: Socket): Promise<Socket> {
  socket.on("error", () => {}); // a reset is one of the ways in which the server ends it
  await Promise.race([new Promise((resolve) => socket.once("connect", resolve)), closed(socket)]);
  return socket;
}

/** Its end, by a reset too, which `once` of node:events takes for a failure of the test. */
export function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    if (socket.closed) resolve();
    else socket.once("close", () => resolve());
  });
}

/** Polls until it is true. */
export const until = (condition: () => boolean | Promise<boolean>, what: string): Promise<void> =>
  eventually(condition, () => what);

/** A promise and the way to end it from outside. */
export function gate(): { readonly opened: Promise<void>; readonly open: () => void } {
  let open = (): void => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}
