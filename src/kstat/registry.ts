/** The kstat chain: every kstat there is, found by module:instance:name (kstat_create(9F), kstat_delete(9F)). */

import type { Hrtime } from "./hrtime.ts";
import { Kstat, type KstatReading, type KstatSpec } from "./kstat.ts";

export class Registry {
  readonly #kstats = new Map<string, Kstat>();

  /** The new kstat, or undefined when that module:instance:name is taken, as kstat_create returns NULL. */
  create(spec: KstatSpec): Kstat | undefined {
    const key = keyOf(spec.id.module, spec.id.instance, spec.id.name);
    if (this.#kstats.has(key)) return undefined;
    const kstat = new Kstat(spec);
    this.#kstats.set(key, kstat);
    return kstat;
  }

  /** Takes this very kstat off the chain; false when it is not on it. */
  delete(kstat: Kstat): boolean {
    const key = keyOf(kstat.id.module, kstat.id.instance, kstat.id.name);
    return this.#kstats.get(key) === kstat && this.#kstats.delete(key);
  }

  /** kstat_lookup: undefined when there is none. The values are as of the last refresh. */
  lookup(module: string, instance: number, name: string): Kstat | undefined {
    return this.#kstats.get(keyOf(module, instance, name));
  }
}

/** One kstat, refreshed and copied. */
export function read(kstat: Kstat, snaptime: Hrtime): KstatReading {
  kstat.refresh();
  return { id: kstat.id, crtime: kstat.crtime, snaptime, schema: kstat.schema, values: kstat.values.slice() };
}

function keyOf(module: string, instance: number, name: string): string {
  return `${module}:${instance}:${name}`;
}
