/** How long a device and its agent have been up, poll after poll: whether it has run on, since when, and whether it is to be believed yet. */

import type { Hrtime } from "../../kstat/hrtime.ts";
import { type Continuity, continuity, type Uptime } from "./uptime.ts";
import { timeTicks, type Varbinds } from "./varbind.ts";

export const SYS_UP_TIME = "1.3.6.1.2.1.1.3.0";
export const HR_SYSTEM_UPTIME = "1.3.6.1.2.1.25.1.1.0";

/**
 * Hundredths of a second for which an agent that was just started is not believed: snmpd tells 0 packets, or those of its last look, until
 * it has looked at its interfaces a second time, and it looks every 15 s at the latest.
 */
const INCOMPLETE_TICKS = 2_000;

export class UptimeWatch {
  #last: Uptime | undefined;
  #first: Uptime | undefined;
  #isIncomplete = false;

  /** As first told since the device or its agent was started. */
  get first(): Uptime | undefined {
    return this.#first;
  }

  /** Its agent has just been started: counters may be lower than they are, and are not taken. */
  get isIncomplete(): boolean {
    return this.#isIncomplete;
  }

  /** Goes on from what an earlier run of the program was told. */
  resume(uptime: Uptime): void {
    this.#last = uptime;
    this.#first = uptime;
  }

  /** What the device says in an answer that came at `now`. @returns whether it has run on; undefined: it does not tell sysUpTime */
  told(varbinds: Varbinds, now: Hrtime): Continuity | undefined {
    const agent = timeTicks(varbinds.get(SYS_UP_TIME));
    if (agent === undefined) return undefined;
    const before = this.#last;
    this.#last = { agent, host: timeTicks(varbinds.get(HR_SYSTEM_UPTIME)), at: now };
    const how = before ? continuity(before, this.#last) : "on";
    if (how !== "on") this.#first = undefined;
    this.#first ??= this.#last;
    // sysUpTime that has passed its top is small too.
    const mayBeIncomplete = this.#isIncomplete || !before || how !== "on";
    this.#isIncomplete = mayBeIncomplete && agent < INCOMPLETE_TICKS;
    return how;
  }
}
