/**
 * Asks one device over SNMP. The only file that knows net-snmp, whose manager's side does more than it says and less than is needed: see
 * docs/DEPENDENCIES.md for what it is not trusted with. Whatever the library or the device does, a question ends, by its own
 * deadline at the latest, with a value; nothing is thrown.
 */

import type { RemoteInfo } from "node:dgram";
import snmp from "net-snmp";
import { hostOf, type SnmpEndpoint } from "../../net-address/snmp-endpoint.ts";
import { type Answer, isMisunderstood, isSilence, type Unanswered, unanswered } from "./answer.ts";
import { DeviceSocket, NoClockError } from "./device-socket.ts";
import { below, follows, subidentifiers } from "./oid.ts";
import { afterReading } from "./reading-deadline.ts";
import { MANY, ONE_BY_ONE, Repetitions } from "./repetitions.ts";
import { AUTH, PRIV } from "./v3-flags.ts";
import { TYPE, type Varbind, type Varbinds } from "./varbind.ts";

export type Credential =
  | { readonly version: 1 | 2; readonly community: string }
  | { readonly version: 3; readonly user: DeviceUser };

/** A user of version 3 (RFC 3414). */
export interface DeviceUser {
  readonly name: string;
  readonly auth: { readonly protocol: keyof typeof AUTH_PROTOCOLS; readonly password: string };
  readonly priv?: { readonly protocol: keyof typeof PRIV_PROTOCOLS; readonly password: string } | undefined;
}

const AUTH_PROTOCOLS = {
  "SHA-1": snmp.AuthProtocols.sha,
  "SHA-224": snmp.AuthProtocols.sha224,
  "SHA-256": snmp.AuthProtocols.sha256,
  "SHA-384": snmp.AuthProtocols.sha384,
  "SHA-512": snmp.AuthProtocols.sha512,
} as const;

const PRIV_PROTOCOLS = {
  "AES-128": snmp.PrivProtocols.aes,
  "AES-256": snmp.PrivProtocols.aes256b,
  "AES-256-C": snmp.PrivProtocols.aes256r,
} as const;

export interface ManagerOptions {
  readonly device: SnmpEndpoint;
  readonly credential: Credential;
  /** Milliseconds in which an answer is waited for, after each of the two times that a request is sent. */
  readonly timeoutMs: number;
}

/** One row of a column: its index, and its value. */
export interface Row {
  readonly index: readonly number[];
  readonly varbind: Varbind;
}

/** How often a request is sent. */
const TIMES = 2;
/** How often more a request is made of a device that answered the one before: what is lost then is lost on the way, and a poll takes many. */
const TIMES_AGAIN = 2;
/** In version 3 the device's engine may have to be asked for first. */
const EXCHANGES_V3 = 2;
/** Milliseconds for an exchange to end by itself when nothing came. */
const GRACE_MS = 500;
/** Milliseconds that the library waits for an answer: for ever. */
const LIBRARY_TIMEOUT_MS = 2_147_483_647;
/** What the library is told, and tells us, of a request that is given up. */
const NOTHING_CAME = new Error("nothing came");
/** Requests in a row without an answer, after which the session is made anew: its notion of the device's clock may be wrong. */
const TIMEOUTS_PER_SESSION = 3;

/** A walk ends at whichever comes first. Every answer has a row, or ends it, so that requests need no bound of their own. */
const WALK = { rows: 5_000, milliseconds: 30_000 } as const;

export class Manager {
  readonly #options: ManagerOptions;
  #session: snmp.Session | undefined;
  #socket: DeviceSocket | undefined;
  #timeouts = 0;
  /** The session has been answered. */
  #isProven = false;
  /** The device had something to say to the last request. */
  #isHeard = false;
  readonly #repetitions: Repetitions;
  /** Where a datagram came from that is not the device's, or not as well protected as the request; undefined when none has since that. */
  #droppedFrom: string | undefined;
  #closed = false;

  constructor(options: ManagerOptions) {
    this.#options = options;
    this.#repetitions = new Repetitions(options.credential.version === 1 ? ONE_BY_ONE : MANY);
  }

  /** The values of these instances. An instance that the device does not have is there with that type; in version 1 the whole is refused. */
  async get(oids: readonly string[]): Promise<Answer<Varbinds>> {
    const answer = await this.#insist((session, done) => session.get([...oids], done));
    if (answer.kind === "unanswered") return answer;
    const asked = new Set(oids);
    const varbinds = new Map(answer.value.filter(({ oid }) => asked.has(oid)).map((one) => [one.oid, one]));
    return varbinds.size === asked.size
      ? { kind: "answered", value: varbinds }
      : unanswered("malformed", "the device answered with other objects than it was asked for");
  }

  /** All rows of a column, or of a table. It fails where rows do not come in order, and at any bound. `most`: milliseconds that it may take, if less. */
  async walk(root: string, most = Number.POSITIVE_INFINITY): Promise<Answer<readonly Row[]>> {
    const top = subidentifiers(root) ?? [];
    const rows: Row[] = [];
    const limitMs = Math.min(most, WALK.milliseconds);
    const until = performance.now() + limitMs;
    let at: { readonly oid: string; readonly parts: readonly number[] } = { oid: root, parts: top };
    while (performance.now() < until) {
      const { oid } = at;
      const answer = await this.#repetitions.ask(oid, (repetitions) => this.#after(oid, repetitions, until));
      if (answer.kind === "unanswered") {
        if (answer.outcome === "no_such_name") return { kind: "answered", value: rows }; // the end, in version 1
        return answer;
      }
      if (answer.value.length === 0) return { kind: "answered", value: rows };
      for (const varbind of answer.value) {
        const parts = subidentifiers(varbind.oid);
        const index = parts && below(top, parts);
        if (varbind.type === TYPE.endOfMibView || !parts || !index) return { kind: "answered", value: rows };
        if (!follows(at.parts, parts)) return unanswered("endless_walk", BACKWARDS);
        if (rows.push({ index, varbind }) > WALK.rows)
          return unanswered("endless_walk", `the device has more than ${WALK.rows} rows below ${root}, or no end`);
        at = { oid: varbind.oid, parts };
      }
    }
    return unanswered("endless_walk", `a walk of ${root} did not end in ${Math.round(limitMs) / 1000} s`);
  }

  #after(oid: string, repetitions: number, until: number): Promise<Answer<readonly Varbind[]>> {
    if (repetitions === 1) return this.#insist((session, done) => session.getNext([oid], done), until);
    return this.#insist(
      (session, done) => session.getBulk([oid], 0, repetitions, (error, rows) => done(error, rows?.flat())),
      until,
    );
  }

  /** One request, made again before `until` while nothing comes of a device that has just been heard. One that is down is not waited for longer. */
  async #insist(send: Send, until = Number.POSITIVE_INFINITY): Promise<Answer<readonly Varbind[]>> {
    const times = this.#isHeard ? TIMES_AGAIN : 0;
    const wasProven = this.#isProven;
    let answer = await this.#ask(send);
    // The engine has lost its count of boots or its clock, or is another one: a new session asks for these.
    if (wasProven && isMisunderstood(answer)) answer = await this.#ask(send);
    for (let n = 0; n < times && !this.#closed && isSilence(answer) && performance.now() < until; n++)
      answer = await this.#ask(send);
    this.#isHeard = !isSilence(answer);
    return answer;
  }

  /** One request, to its end. */
  async #ask(send: Send): Promise<Answer<readonly Varbind[]>> {
    if (this.#closed) return unanswered("unreachable", "the program is stopping");
    this.#droppedFrom = undefined;
    const { timeoutMs, credential } = this.#options;
    const answer = await new Promise<Answer<readonly Varbind[]>>((resolve) => {
      const exchanges = credential.version === 3 ? EXCHANGES_V3 : 1;
      const stop = afterReading(timeoutMs * TIMES * exchanges + GRACE_MS, () => {
        this.#discard(); // it may wait for ever
        resolve(this.#timedOut());
      });
      // Called by the library, where an exception would end the program: it only keeps what it is told.
      const done: Done = (error, varbinds) => {
        stop();
        this.#socket?.answered();
        resolve(error ? this.#failure(error) : { kind: "answered", value: (varbinds ?? []).map(toVarbind) });
      };
      try {
        send(this.#open(), done);
      } catch (error) {
        done(error instanceof Error ? error : new Error(String(error)), undefined);
      }
    });
    this.#looksAt(answer);
    return answer;
  }

  /** What an answer says of the session. */
  #looksAt(answer: Answer<unknown>): void {
    if (answer.kind === "answered") {
      this.#timeouts = 0;
      this.#isProven = true;
    } else if (isMisunderstood(answer)) this.#discard();
    else if (answer.outcome === "timeout" && ++this.#timeouts % TIMEOUTS_PER_SESSION === 0) this.#discard();
  }

  #open(): snmp.Session {
    if (this.#session) return this.#session;
    const { device, credential, timeoutMs } = this.#options;
    const flags = credential.version === 3 ? (credential.user.priv ? AUTH | PRIV : AUTH) : undefined;
    const dropped = ({ address }: RemoteInfo) => {
      this.#droppedFrom = address;
    };
    const expired = () => this.#session?.cancelRequests(NOTHING_CAME);
    const createSocket = () => {
      this.#socket = new DeviceSocket({ device, flags, dropped, timeoutMs, times: TIMES, expired });
      return this.#socket;
    };
    const options = {
      port: device.port,
      transport: device.transport,
      timeout: LIBRARY_TIMEOUT_MS,
      retries: 0,
      reportOidMismatchErrors: true,
      backwardsGetNexts: false,
      dgramModule: { createSocket },
    };
    const session =
      credential.version === 3
        ? snmp.createV3Session(hostOf(device), toUser(credential.user), options)
        : snmp.createSession(hostOf(device), credential.community, {
            ...options,
            version: credential.version === 1 ? snmp.Version1 : snmp.Version2c,
          });
    // A datagram that cannot be read is told of here. Without a listener it would end the program.
    session.on("error", () => {});
    this.#session = session;
    return session;
  }

  /** The next question gets a new session. What the old one still says is not listened to. */
  #discard(): void {
    const session = this.#session;
    this.#session = undefined;
    this.#timeouts = 0;
    this.#isProven = false;
    try {
      session?.close();
    } catch {
      // It was closed already.
    }
  }

  #timedOut(): Unanswered {
    const { version } = this.#options.credential;
    const perhaps = version === 3 ? "the user or a password may be wrong" : "the community may be wrong";
    const from = this.#droppedFrom;
    const others = from === undefined ? "" : `; what came from ${from} is not its own answer`;
    return unanswered("timeout", `no answer; it may be down, or ${perhaps}${others}`);
  }

  /** The library's messages are not repeated: they quote digests, OIDs and communities. */
  #failure(error: Error): Unanswered {
    if (error === NOTHING_CAME) return this.#timedOut();
    if (error instanceof NoClockError) return unanswered("time_window", "its clock stands at 0");
    const { name } = error;
    const code = "code" in error ? error.code : undefined;
    if (name === "RequestFailedError") return failedStatus("status" in error ? error.status : undefined);
    if (name === "ResponseInvalidError") {
      if (code === TIME_WINDOW) return unanswered("time_window", "its clock is not where it was");
      if (code === OUT_OF_ORDER) return unanswered("endless_walk", BACKWARDS);
      return AUTHENTICATION.includes(code)
        ? unanswered("authentication", "it does not know the user, or a password is wrong")
        : unanswered("malformed", "its answer does not belong to the request");
    }
    return unanswered("unreachable", `cannot send: ${typeof code === "string" ? code : name}`);
  }

  close(): void {
    this.#closed = true;
    this.#discard();
  }
}

type Send = (session: snmp.Session, done: Done) => void;
type Done = (error: Error | null, varbinds: readonly snmp.Varbind[] | undefined) => void;

const BACKWARDS = "the device repeats objects when it is walked, or goes back";

/** ResponseInvalidCode of the library: EOutOfOrder; ENotInTimeWindow; ECouldNotDecrypt, EAuthFailure, EUnexpectedReport. */
const OUT_OF_ORDER = 8;
const TIME_WINDOW = 14;
const AUTHENTICATION: readonly unknown[] = [4, 5, 11];

/** error-status of RFC 3416. */
const STATUSES: Readonly<Record<number, Unanswered>> = {
  1: unanswered("too_big", "its answer would be too big for it"),
  2: unanswered("no_such_name", "it does not have an object"),
  5: unanswered("refused", "it says genErr"),
  16: unanswered("authentication", "it says authorizationError"),
};

function failedStatus(status: unknown): Unanswered {
  const known = typeof status === "number" ? STATUSES[status] : undefined;
  return known ?? unanswered("refused", "it answers with an error");
}

function toVarbind({ oid, type = TYPE.noSuchObject, value }: snmp.Varbind): Varbind {
  return { oid, type, value };
}

function toUser({ name, auth, priv }: DeviceUser): snmp.User {
  const user = { name, authProtocol: AUTH_PROTOCOLS[auth.protocol], authKey: auth.password };
  if (!priv) return { ...user, level: snmp.SecurityLevel.authNoPriv };
  return {
    ...user,
    level: snmp.SecurityLevel.authPriv,
    privProtocol: PRIV_PROTOCOLS[priv.protocol],
    privKey: priv.password,
  };
}
