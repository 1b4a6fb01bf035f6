/** How often each device of one group failed and came back. That outlives its membership, so that a flapping link can be seen. */

import type { SavedHealth } from "../../state/saved-state.ts";

/** Failures and repairs of a device in a group, by reason. Replaced, never changed: snapshots hold on to it. */
export interface Health {
  readonly failures: Readonly<Record<string, bigint>>;
  readonly repairs: Readonly<Record<string, bigint>>;
}

/** Devices that are remembered. Names of links can be many where containers come and go. */
const REMEMBERED_DEVICES = 1_000;

export class HealthRecord {
  readonly #byDevice = new Map<string, Health>();
  readonly #present: () => Iterable<string>;

  /** `present`: labels of the members that are there, which are not forgotten. */
  constructor(present: () => Iterable<string>) {
    this.#present = present;
  }

  /** That of a device, by its label; nothing has happened yet to one that is new. */
  of(device: string): Health {
    const known = this.#byDevice.get(device);
    if (known) return known;
    const fresh: Health = { failures: { link: 0n }, repairs: { link: 0n } };
    this.#byDevice.set(device, fresh);
    if (this.#byDevice.size > REMEMBERED_DEVICES) this.#forgetOneDeparted();
    return fresh;
  }

  /** One more failure or repair of a device. */
  count(device: string, what: keyof Health, reason: string): void {
    const health = this.of(device);
    const counts = health[what];
    this.#byDevice.set(device, { ...health, [what]: { ...counts, [reason]: (counts[reason] ?? 0n) + 1n } });
  }

  /** Continues what an earlier run saved. */
  restore(saved: readonly SavedHealth[]): void {
    for (const { device, failures, repairs } of saved) {
      this.#byDevice.set(device, { failures: { ...failures }, repairs: { ...repairs } });
    }
  }

  save(): SavedHealth[] {
    return Array.from(this.#byDevice, ([device, health]) => ({ device, ...health }));
  }

  #forgetOneDeparted(): void {
    const present = new Set(this.#present());
    for (const device of this.#byDevice.keys()) {
      if (present.has(device)) continue;
      this.#byDevice.delete(device);
      return;
    }
  }
}
