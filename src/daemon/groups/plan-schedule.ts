/** When the groups are planned anew, and why. */

/** Why the groups have to be planned anew. */
export type PlanReason =
  /** A link appeared, vanished, or has its device: that is looked for by its name, which it may have given up meanwhile. */
  | "links"
  /** A bond or a team, or what belongs to one. */
  | "aggregates"
  /** A link is there and no member any more: who was refused for its sake may join. */
  | "members"
  | "routes"
  /** All links were listed: at the start, or because events were lost. */
  | "resync";

/** Nanoseconds between two looks at the routes: a link that flaps takes its routes with it each time. */
const ROUTES_APART = 250_000_000n;
/** A time that is always past. */
const AT_ONCE = 0n;

export class PlanSchedule {
  /** Why a plan is due; one for the routes alone can wait. */
  #due: { readonly cause: string; readonly canWait: boolean } | undefined;
  #routesReadAt = -ROUTES_APART;

  /** A plan is due. The cause of the first request holds, unless all links have been listed anew since. */
  request(reason: PlanReason, cause: string): void {
    const due = this.#due;
    const first = due && reason !== "resync" ? due.cause : cause;
    const canWait = reason === "routes" && (due === undefined || due.canWait);
    this.#due = { cause: first, canWait };
  }

  /** The earliest time for the plan that is due, on the monotonic clock; undefined while none is. */
  get at(): bigint | undefined {
    return this.#due && (this.#due.canWait ? this.#routesReadAt + ROUTES_APART : AT_ONCE);
  }

  /** The cause of the plan that is due at `now`. */
  causeAt(now: bigint): string | undefined {
    return this.at !== undefined && this.at <= now ? this.#due?.cause : undefined;
  }

  /** A plan is made now, and none is due any more until the next request. */
  planned(now: bigint): void {
    if (this.#due?.canWait) this.#routesReadAt = now;
    this.#due = undefined;
  }
}
