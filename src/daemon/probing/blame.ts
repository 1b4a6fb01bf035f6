/**
 * Whose fault it is that the probe machine has set FAILED on a member. Where no target answers anybody, nobody is to blame: it may as well be
 * the targets that no longer answer, and the member keeps its traffic. Otherwise it has failed, and this knows why, for people.
 */

import { FAILURE_LOSSES } from "../../probing/failure.ts";
import type { Instance } from "../../probing/instance.ts";
import type { Phyint } from "../../probing/phyint.ts";
import { lossesOf } from "../../probing/series.ts";

const WAITING = "the link is back, and 10 probes have yet to be answered";
const FLAPPING = "the link came up more than twice within a minute, and has to stay up for the rest of it";

export class Blame {
  readonly #refusalOf: (instance: Instance) => string | undefined;
  /** Cause by member, of those that are to blame. */
  readonly #causes = new Map<string, string>();

  /** `refusalOf`: why the last probe of an instance was not sent; undefined when it was. */
  constructor(refusalOf: (instance: Instance) => string | undefined) {
    this.#refusalOf = refusalOf;
  }

  /** The verdict against this very member: its probes are lost while others have answers, or it has lost its link. */
  blame({ name, linkUp, instances }: Phyint): void {
    this.#causes.set(name, linkUp ? this.#reasonOf(instances) : WAITING);
  }

  /** Its link is back, and comes and goes so often that this alone is no reason to use it again. */
  distrust({ name }: Phyint): void {
    this.#causes.set(name, FLAPPING);
  }

  /** It was to blame when the program, or the machine, began anew. */
  restore(name: string, cause: string): void {
    this.#causes.set(name, cause);
  }

  acquit(name: string): void {
    this.#causes.delete(name);
  }

  /** Why it has failed; undefined if it has not, or nobody knows whether it has. */
  causeOf(phyint: Phyint): string | undefined {
    if (!phyint.has("FAILED")) return undefined;
    const known = this.#causes.get(phyint.name);
    if (known === WAITING && phyint.group.hasFailed && hasMutesOnly(phyint)) {
      // Its link is back, and the targets do not answer it either.
      this.#causes.delete(phyint.name);
      return undefined;
    }
    if (known !== undefined || phyint.group.hasFailed || phyint.instances.some(isAnswered)) return known;
    // The group works again, and this member still has no answer: it is to blame after all.
    this.blame(phyint);
    return this.#causes.get(phyint.name);
  }

  #reasonOf(instances: readonly Instance[]): string {
    const parts = instances.flatMap((instance) => {
      const { inARow } = lossesOf(instance);
      if (inARow === 0) return [];
      const lost = [...instance.ring].filter(({ status }) => status === "lost").slice(0, inARow);
      const targets = [...new Set(lost.flatMap(({ target }) => target?.address ?? []))];
      const refusal = this.#refusalOf(instance);
      const why = refusal === undefined ? "" : ` (the last could not be sent: ${refusal})`;
      return [`${inARow} probes lost to ${targets.join(", ") || "targets that are gone"}${why}`];
    });
    return parts.join(" and ") || "no probe is answered";
  }

  /** FAILED because the whole group is, with its link up. */
  isExcused(phyint: Phyint): boolean {
    return phyint.has("FAILED") && phyint.linkUp && phyint.state !== "offline" && this.causeOf(phyint) === undefined;
  }
}

/** Whether it has lost, in each family that has targets, as many probes as make a failure. */
function hasMutesOnly({ isCapable, linkUp, instances }: Phyint): boolean {
  const asked = instances.filter((instance) => instance.isCapable);
  return isCapable && linkUp && asked.every((instance) => lossesOf(instance).inARow >= FAILURE_LOSSES);
}

/** Whether its newest probe that is no longer under way has been answered: then it is being repaired. */
export function isAnswered({ ring }: Instance): boolean {
  for (const { status } of ring) if (status !== "pending") return status === "acked";
  return false;
}
