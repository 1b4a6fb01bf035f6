/**
 * Questions to rtnetlink and their answers (rtnetlink(7), RTM_GET*), on a socket of their own: events that arrive meanwhile do not
 * come between. It is opened with the first question, and anew after an answer that could not be read.
 */

import type { Libc } from "../../os/libc.ts";
import { SourceError } from "../source.ts";
import { type Dumped, NetlinkError, NetlinkSocket, type ReceiveFrame } from "./netlink-socket.ts";
import type { Frame, Message } from "./netlink-wire.ts";

/** What each question asks for, for people. */
const ASKED_FOR = {
  RTM_GETLINK: "links",
  RTM_GETSTATS: "counters",
  RTM_GETADDR: "addresses",
  RTM_GETROUTE: "routes",
  RTM_GETNEXTHOP: "next hops",
  RTM_GETRULE: "rules",
  RTM_GETNEIGH: "neighbours",
} as const;

type Question = keyof typeof ASKED_FOR;
type Visit = (frame: Frame, message: Message) => void;

export class NetlinkRequests {
  readonly #libc: Libc;
  readonly #room: ReceiveFrame;
  #socket: NetlinkSocket | undefined;

  constructor(libc: Libc, room: ReceiveFrame) {
    this.#libc = libc;
    this.#room = room;
  }

  /**
   * Visits every message of the answer; after each call of `begin` they are visited anew.
   * @throws SourceError
   */
  dump(question: Question, ask: Frame, begin: () => void, visit: Visit): Dumped {
    this.#socket ??= new NetlinkSocket(this.#libc, this.#room);
    try {
      return this.#socket.dump(question, ask, begin, visit);
    } catch (error) {
      if (error instanceof NetlinkError)
        throw new SourceError("netlink", `Cannot list: ${error.message}`, { cause: error });
      this.close(); // the rest of the answer may still be coming
      throw error;
    }
  }

  /**
   * As `dump`, for an answer that is of use only when nothing is missing.
   * @throws SourceError also when the kernel was interrupted each time: what was known stays, and is asked for again
   */
  dumpWhole(question: Question, ask: Frame, begin: () => void, visit: Visit): void {
    if (this.dump(question, ask, begin, visit) === "whole") return;
    throw new SourceError("netlink", `Cannot list ${ASKED_FOR[question]}: they change all the while`);
  }

  /**
   * What `parse` makes of each message of a whole answer.
   * @throws SourceError
   */
  list<T>(question: Question, ask: Frame, parse: (frame: Frame, message: Message) => T | undefined): T[] {
    let found: T[] = [];
    const begin = () => {
      found = [];
    };
    this.dumpWhole(question, ask, begin, (frame, message) => {
      const parsed = parse(frame, message);
      if (parsed !== undefined) found.push(parsed);
    });
    return found;
  }

  close(): void {
    this.#socket?.close();
    this.#socket = undefined;
  }
}

/** Whether the kernel answered with one of these. */
export function isRefusal(error: unknown, ...errnos: readonly number[]): boolean {
  return error instanceof SourceError && error.cause instanceof NetlinkError && errnos.includes(error.cause.errno);
}
