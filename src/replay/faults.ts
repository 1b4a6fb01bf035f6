/** Failures that a trace asks for: each fault point lets `skip` calls succeed, then makes `count` fail, then lets all succeed. */

import { FAULT_POINTS, type FaultPoint } from "../ipmp/effects.ts";

interface Fault {
  skip: number;
  count: number;
}

export class Faults {
  readonly #faults = Object.fromEntries(FAULT_POINTS.map((point) => [point, { skip: 0, count: 0 }])) as Record<
    FaultPoint,
    Fault
  >; // the entries are exactly the points

  /** Replaces what was left of that point's fault. */
  set(point: FaultPoint, skip: number, count: number): void {
    const fault = this.#faults[point];
    fault.skip = skip;
    fault.count = count;
  }

  /** One call of the point: whether it succeeds. */
  succeeds(point: FaultPoint): boolean {
    const fault = this.#faults[point];
    if (fault.skip > 0) fault.skip--;
    else if (fault.count > 0) {
      fault.count--;
      return false;
    }
    return true;
  }
}
