/** A trace line by line through the engine: each op gives one line with its result and the effects that it had, in order. */

import { EnginePanic, PreconditionError } from "../ipmp/panic.ts";
import type { Fields } from "./fields.ts";
import { quote } from "./json.ts";
import { Misuse } from "./misuse.ts";
import type { Op } from "./op.ts";
import { ARPENT_OPS } from "./ops/arpents.ts";
import { GROUP_OPS } from "./ops/groups.ts";
import { HARNESS_OPS } from "./ops/harness.ts";
import { ILLGRP_OPS } from "./ops/illgrps.ts";
import { IPIF_OPS } from "./ops/ipifs.ts";
import { LINK_KSTAT_OPS } from "./ops/link-kstats.ts";
import { MEMBERSHIP_OPS } from "./ops/membership.ts";
import { NEIGHBOUR_OPS } from "./ops/neighbours.ts";
import { PLUMBING_OPS } from "./ops/plumbing.ts";
import { ROUTE_OPS } from "./ops/routes.ts";
import { parseLine } from "./trace-line.ts";
import { World } from "./world.ts";

/** Every op of the trace format by name. */
export const OPS: ReadonlyMap<string, Op> = new Map(
  Object.entries({
    ...LINK_KSTAT_OPS,
    ...PLUMBING_OPS,
    ...GROUP_OPS,
    ...ILLGRP_OPS,
    ...ARPENT_OPS,
    ...MEMBERSHIP_OPS,
    ...IPIF_OPS,
    ...NEIGHBOUR_OPS,
    ...ROUTE_OPS,
    ...HARNESS_OPS,
  }),
);

export class Replay {
  readonly #world: World;
  #line = 0;
  /** The engine panicked: later lines are not replayed. */
  ended = false;

  /** With `effectsOnly`, queries are no events (`replay -e`). */
  constructor(effectsOnly: boolean) {
    this.#world = new World(!effectsOnly);
  }

  /** The output line for the next line of the trace, without a newline. */
  next(line: string): string {
    this.#line++;
    let name = "";
    try {
      const { op, fields } = parseLine(line);
      name = op;
      const perform = OPS.get(name);
      if (perform === undefined) throw new Misuse("there is no such op");
      return this.#perform(name, perform, fields);
    } catch (error) {
      if (error instanceof Misuse || error instanceof PreconditionError) return this.#misuse(name, error.message);
      throw error;
    }
  }

  #perform(name: string, op: Op, fields: Fields): string {
    const world = this.#world;
    world.errno = 0;
    let result: string;
    try {
      result = op(world, fields);
    } catch (error) {
      const events = world.effects.takeEvents();
      if (error instanceof EnginePanic) {
        this.ended = true;
        return `{"i":${this.#line},"op":${quote(name)},"panic":true,"events":[${events}]}`;
      }
      throw error;
    }
    const errno = world.errno === 0 ? "0" : `"${world.errno}"`;
    return `{"i":${this.#line},"op":"${name}","errno":${errno},"result":${result},"events":[${world.effects.takeEvents()}]}`;
  }

  #misuse(name: string, message: string): string {
    return `{"i":${this.#line},"op":${quote(name)},"error":${quote(message)}}`;
  }
}

/** A whole trace: the output lines, as many as the input's unless the engine panics. */
export function* replay(lines: Iterable<string>, effectsOnly = false): Generator<string, void> {
  const run = new Replay(effectsOnly);
  for (const line of lines) {
    yield run.next(line);
    if (run.ended) return;
  }
}
