/** Listening on a Unix socket whose file a former process may have left behind. */

import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { chmodSync, existsSync, lstatSync, renameSync, unlinkSync } from "node:fs";
import { connect, type Server } from "node:net";
import { basename, dirname, join } from "node:path";
import { isUnixPath, UNIX_PATH_BYTES } from "../net-address/unix-path.ts";

/** Owner and group: who may speak to the daemon is a matter of the socket's group. */
const MODE = 0o660;

/** How long somebody who listens on a socket may take to accept a connection before he counts as there all the same. */
const ANSWER_MS = 1000;

/**
 * Binds `server` to `path` with mode 0660. A socket file on which nobody listens any more is replaced; anything else there is
 * left alone. The file gets its name only when its mode is right, so that nobody connects in between.
 * @throws an error with `code`, as listen() has it.
 */
export async function listenOnUnixSocket(server: Server, path: string): Promise<void> {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found !== undefined) {
    if (!found.isSocket()) throw withCode("ENOTSOCK");
    if (await someoneAnswers(path)) throw withCode("EADDRINUSE");
  }
  // Node reports a missing folder as EACCES.
  if (!existsSync(dirname(path))) throw withCode("ENOENT");
  if (!isUnixPath(path)) throw withCode("ENAMETOOLONG");
  const unfinished = unfinishedName(path);
  removeLeftBehind(unfinished);
  server.listen(unfinished);
  await once(server, "listening");
  try {
    chmodSync(unfinished, MODE);
    renameSync(unfinished, path);
  } catch (error) {
    server.close();
    throw error;
  }
}

/** A name beside `path` that nobody has: one that says whose it is, or where it has no room, for a socket's path may take all the bytes, one as short as `path`. */
function unfinishedName(path: string): string {
  const telling = `${path}.${process.pid}`;
  if (isUnixPath(telling)) return telling;
  const room = UNIX_PATH_BYTES - Buffer.byteLength(path) + basename(path).length;
  return join(dirname(path), randomUUID().slice(0, Math.min(room, 8)));
}

/** What a process of this number left there that was killed: the first in a container has the same one each time. */
function removeLeftBehind(unfinished: string): void {
  if (lstatSync(unfinished, { throwIfNoEntry: false })?.isSocket() === true) unlinkSync(unfinished);
}

/** Removes the file, unless somebody else's socket has taken its place. */
export function removeUnixSocket(path: string, inode: bigint | undefined): void {
  const found = lstatSync(path, { throwIfNoEntry: false, bigint: true });
  if (found?.isSocket() === true && found.ino === inode) unlinkSync(path);
}

/** What tells our socket file from another of the same name. */
export function inodeOf(path: string): bigint | undefined {
  return lstatSync(path, { throwIfNoEntry: false, bigint: true })?.ino;
}

/** Whether a process listens on the socket at that path, be it one that has been stopped. */
export function someoneAnswers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    const answer = (alive: boolean): void => {
      socket.destroy();
      resolve(alive);
    };
    socket.setTimeout(ANSWER_MS, () => answer(true));
    socket.once("connect", () => answer(true));
    socket.once("error", (error) => answer(!("code" in error && error.code === "ECONNREFUSED")));
  });
}

function withCode(code: string): Error {
  return Object.assign(new Error(code), { code });
}
