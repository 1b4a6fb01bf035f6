/**
 * Which engine a receiver of informs is, as far as it told (RFC 3414 section 4). The first answer proves nothing: anybody can send it.
 * So an engine is believed until the receiver proves another, says that it is none of that name, or answers nothing for a time.
 */

import { type EngineIdentity, TIME_WINDOW } from "./engine-identity.ts";
import { LocalizedUser, type UsmUser } from "./usm.ts";

/** What a message says of the engine that sent it. */
export interface EngineSaid {
  readonly id: Uint8Array;
  readonly boots: number;
  readonly time: number;
}

/** The engine that is taken for the receiver's. */
interface Believed {
  readonly id: Uint8Array;
  readonly user: LocalizedUser;
  boots: number;
  /** Seconds by which its clock is ahead of ours. */
  ahead: number;
  /** Whether a message of it was authentic. */
  isProven: boolean;
}

/** SnmpEngineID has 5 to 32 octets (RFC 3411). */
const ID_MIN = 5;

export class ReceiverEngine {
  readonly #credential: UsmUser;
  /**
   * Milliseconds for which an engine that was told stands, before another one is taken for it: each costs the making of keys, and its
   * messages are given that time to prove it.
   */
  readonly #trialMs: number;
  /** Seconds since our engine started. */
  readonly #ownTime: () => number;
  #believed: Believed | undefined;
  /** Milliseconds of performance.now(). */
  #learntAt = Number.NEGATIVE_INFINITY;

  constructor(credential: UsmUser, trialMs: number, ownTime: () => number) {
    this.#credential = credential;
    this.#trialMs = trialMs;
    this.#ownTime = ownTime;
  }

  /** Whose keys and clock a message to the receiver is made with; undefined while nobody knows who it is. */
  get now(): (EngineIdentity & { readonly time: number; readonly user: LocalizedUser }) | undefined {
    if (this.#believed === undefined) return undefined;
    const { id, boots, ahead, user } = this.#believed;
    return { id, boots, time: ahead + this.#ownTime(), user };
  }

  /**
   * The receiver says, unproven, who it is, in answer to a message of ours. Answers whether that is news. `now` is in milliseconds of
   * performance.now().
   */
  learn(said: EngineSaid, now: number): boolean {
    if (said.id.length < ID_MIN || now - this.#learntAt < this.#trialMs) return false;
    if (this.#believed !== undefined && sameOctets(this.#believed.id, said.id)) return false;
    this.#learntAt = now;
    const id = Uint8Array.from(said.id);
    const user = new LocalizedUser(this.#credential, id);
    this.#believed = { id, user, boots: said.boots, ahead: said.time - this.#ownTime(), isProven: false };
    return true;
  }

  /** An authentic message says what the clock of the engine is. Answers whether that is news: a proven clock only goes forward. */
  setClock({ boots, time }: EngineSaid): boolean {
    const believed = this.#believed;
    if (believed === undefined) return false;
    const ahead = time - this.#ownTime();
    if (believed.isProven && (boots < believed.boots || (boots === believed.boots && ahead <= believed.ahead)))
      return false;
    Object.assign(believed, { boots, ahead, isProven: true });
    return true;
  }

  /**
   * Whether an authentic message has a clock that is behind the proven one, by more than the time window: the
   * engine has lost its count of boots, or its host slept. Such an engine takes nothing that is made with the proven clock.
   */
  isBehind({ boots, time }: EngineSaid): boolean {
    const believed = this.#believed;
    if (!believed?.isProven || boots > believed.boots) return false;
    return boots < believed.boots || time - this.#ownTime() < believed.ahead - TIME_WINDOW;
  }

  /** An authentic message came: the engine is the receiver's. */
  prove(): void {
    if (this.#believed) this.#believed.isProven = true;
  }

  /** Whether it has had its time to prove itself. */
  isDoubtful(now: number): boolean {
    return this.#believed?.isProven === false && now - this.#learntAt >= this.#trialMs;
  }

  /** The receiver has not answered: whoever it is now has to be asked again. */
  doubt(): void {
    this.#believed = undefined;
  }
}

function sameOctets(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((octet, i) => octet === b[i]);
}
