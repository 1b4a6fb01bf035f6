/**
 * Whether a device has run on since it was last asked. sysUpTime counts hundredths of a second since its agent was started, in 32 bits,
 * which pass their top every 497 days; hrSystemUptime, where there is one, since the device itself was.
 */

export interface Uptime {
  /** sysUpTime, in hundredths of a second. */
  readonly agent: number;
  /** hrSystemUptime, likewise; undefined where the device does not tell. */
  readonly host: number | undefined;
  /** When it said so, in nanoseconds on our clock. */
  readonly at: bigint;
}

const TICK_NS = 10_000_000n;
const TURN_NS = (1n << 32n) * TICK_NS;
/** By how much a device's clock may be off: this, and a twentieth of the time that has passed. */
const SLACK_NS = 2_000_000_000n;
const SLACK_SHARE = 20n;

/** `on`: it has run on; `restart`: only its agent was started anew, and its counters go on; `reboot`: they do not. */
export type Continuity = "on" | "restart" | "reboot";

export function continuity(before: Uptime, now: Uptime): Continuity {
  const elapsed = now.at - before.at;
  if (clockRanOn(before.agent, now.agent, elapsed)) return "on";
  const hasHost = before.host !== undefined && now.host !== undefined;
  return hasHost && clockRanOn(before.host, now.host, elapsed) ? "restart" : "reboot";
}

/**
 * A clock that fell and stands where it would has passed its top when it was about to, or was set back a little, as a clock that follows the
 * time of day is, when it shows more than the time that has passed; otherwise it began again. One that did not fall has run on when it went on by the time that has passed, or shows more than that time, so that it cannot have begun in between.
 */
function clockRanOn(before: number, now: number, elapsed: bigint): boolean {
  const slack = SLACK_NS + elapsed / SLACK_SHARE;
  const went = (BigInt(now) - BigInt(before)) * TICK_NS;
  const isOnTime = isNear((elapsed - went) % TURN_NS, slack);
  const isOlder = BigInt(now) * TICK_NS > elapsed + slack;
  if (went < 0n) return isOnTime && (isOlder || elapsed - went > TURN_NS / 2n);
  return isOnTime || isOlder;
}

/** Whether what is missing or too much, on a clock that turns, is little. */
function isNear(off: bigint, slack: bigint): boolean {
  const missing = off < 0n ? -off : off;
  return missing <= slack || TURN_NS - missing <= slack;
}
