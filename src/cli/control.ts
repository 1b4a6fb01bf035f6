/** Talks to the running daemon: HTTP over its control socket. */

import { type RequestOptions, request } from "node:http";
import { homedir } from "node:os";
import * as z from "zod";
import { controlSocketCandidates } from "../config/places.ts";
import type { Arguments } from "./arguments.ts";
import { Failure, type Terminal } from "./command.ts";

/** The daemon answers in milliseconds; one that does not in this time is not coming back. */
const TIMEOUT_MS = 10_000;

export interface Answer {
  readonly status: number;
  readonly body: string;
}

export type Method = "GET" | "POST";

/** What a command can ask the daemon. */
export interface Control {
  ask(method: Method, path: string): Promise<Answer>;
}

/** The socket that --control.socket names, or the first default place where a daemon answers. `signal` ends what is being asked. */
export function controlOf(given: Arguments, { env }: Terminal, signal?: AbortSignal): Control {
  const named = given.text("control.socket");
  const { HOME } = env;
  const sockets =
    named === undefined ? controlSocketCandidates({ environment: env, home: HOME || homedir() }) : [named];
  return { ask: (method, path) => askFirst(sockets, method, path, signal) };
}

/** What an API page holds, by its schema. @throws Failure when there is no daemon, or it answers something else. */
export async function get<T extends z.ZodType>(control: Control, path: string, schema: T): Promise<z.output<T>> {
  const { status, body } = await control.ask("GET", path);
  if (status !== 200)
    throw new Failure(complaintIn(body) ?? `the daemon answered ${path} with status ${status}: expected 200`);
  const result = schema.safeParse(parseJson(path, body));
  if (result.success) return result.data;
  const where = result.error.issues[0]?.path.join(".");
  throw new Failure(`the daemon answered ${path} with something unknown at ${where}: expected the API of this version`);
}

const complaint = z.object({ error: z.string() });

/** Why the daemon does not do what was asked, in its own words; undefined when it does not say. */
export function complaintIn(body: string): string | undefined {
  try {
    return complaint.safeParse(JSON.parse(body)).data?.error;
  } catch {
    return undefined;
  }
}

function parseJson(path: string, body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    throw new Failure(`the daemon answered ${path} with something that is not JSON`);
  }
}

/** Errors that mean that no daemon is there, as against one that fails. */
const NOBODY: ReadonlySet<string | undefined> = new Set(["ENOENT", "ECONNREFUSED", "ENOTDIR"]);

async function askFirst(
  sockets: readonly string[],
  method: Method,
  path: string,
  signal: AbortSignal | undefined,
): Promise<Answer> {
  for (const socket of sockets) {
    try {
      return await ask({ socketPath: socket, method, path, signal });
    } catch (error) {
      if (!NOBODY.has(codeOf(error))) throw new Failure(`cannot ask the daemon at ${socket}: ${explain(error)}`);
    }
  }
  throw new Failure(
    `no daemon at ${sockets.join(" or ")}: expected a running ipmp-exporter, or its socket with --control.socket`,
  );
}

function ask(where: Pick<RequestOptions, "socketPath" | "method" | "path" | "signal">): Promise<Answer> {
  const { promise, resolve, reject } = withResolvers<Answer>();
  const sent = request({ ...where, timeout: TIMEOUT_MS, headers: { host: "localhost" } }, (response) => {
    const chunks: Buffer[] = [];
    response.on("data", (chunk: Buffer) => chunks.push(chunk));
    response.on("error", reject);
    response.on("end", () =>
      resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString("utf8") }),
    );
  });
  sent.on("timeout", () => sent.destroy(new Error(`no answer within ${TIMEOUT_MS / 1000} seconds`)));
  sent.on("error", reject);
  sent.end();
  return promise;
}

/** Promise.withResolvers of Node 22. */
function withResolvers<T>() {
  let resolve: (value: T) => void = () => {};
  let reject: (reason: unknown) => void = () => {};
  const promise = new Promise<T>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error ? String(error.code) : undefined;
}

function explain(error: unknown): string {
  const code = codeOf(error);
  if (code === "EACCES" || code === "EPERM")
    return "permission denied: expected its user, a member of its group, or root";
  return error instanceof Error ? error.message : String(error);
}
