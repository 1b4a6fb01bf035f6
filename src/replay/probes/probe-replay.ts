/** A probe trace line by line through the machine: each op gives one line with what happened, in order, and what is different since. */

import { type Deviations, ORIGINAL } from "../../probing/deviations.ts";
import { boolean, type Fields, has, integer } from "../fields.ts";
import { quote } from "../json.ts";
import { Misuse } from "../misuse.ts";
import { parseLine } from "../trace-line.ts";
import { type Objects, objectsJson, objectsOf } from "./objects.ts";
import { PROBE_OPS } from "./probe-ops.ts";
import { ProbeWorld } from "./probe-world.ts";

/** The trace's words for what an administrator's request came to. */
const RESULTS = {
  ok: "ok",
  "minimum-redundancy": "minred",
  failure: "failure",
  "duplicate-address": "failure",
} as const;

export class ProbeReplay {
  readonly #deviations: Deviations;
  #world: ProbeWorld | undefined;
  #objects: Objects = new Map();
  #line = 0;
  /** Unlike the engine, the machine never panics. */
  readonly ended = false;

  constructor(deviations: Deviations = ORIGINAL) {
    this.#deviations = deviations;
  }

  /** The output line for the next line of the trace, without a newline. */
  next(line: string): string {
    this.#line++;
    let op = "";
    try {
      const parsed = parseLine(line);
      op = parsed.op;
      return this.#perform(op, parsed.fields);
    } catch (error) {
      if (!(error instanceof Misuse)) throw error;
      return `{"i":${this.#line},"op":${quote(op)},"error":${quote(error.message)}}`;
    }
  }

  #perform(op: string, fields: Fields): string {
    if (op === "config") {
      this.#world = this.#begin(fields);
      return this.#answer(this.#world, op, "");
    }
    const world = this.#world;
    if (world === undefined) throw new Misuse("the first op must be config");
    const prepare = PROBE_OPS[op];
    if (prepare === undefined) throw new Misuse("there is no such op");
    const act = prepare(world, fields);
    if (has(fields, "t")) world.now = Math.max(world.now, time(fields));
    const result = act();
    return this.#answer(world, op, result === undefined ? "" : `,"res":"${RESULTS[result]}"`);
  }

  #begin(fields: Fields): ProbeWorld {
    if (this.#world !== undefined) throw new Misuse("config must be the first op");
    const settings = {
      failureDetectionTimeMs: has(fields, "fdt") ? integer(fields, "fdt") : 10_000,
      failback: boolean(fields, "failback", true),
      trackAll: boolean(fields, "trackall", false),
      echo: boolean(fields, "echo", true),
      seed: has(fields, "seed") ? integer(fields, "seed") : 1,
      deviations: this.#deviations,
    };
    return new ProbeWorld(settings, time(fields));
  }

  #answer(world: ProbeWorld, op: string, result: string): string {
    const before = this.#objects;
    this.#objects = objectsOf(world.machine);
    const objects = objectsJson(this.#objects, op === "dump" ? undefined : before);
    const { now, trace, machine } = world;
    return (
      `{"i":${this.#line},"op":"${op}","t":${now}${result},"ev":[${world.takeEvents()}],"ch":${objects}` +
      `,"draws":${trace.draws},"alarm":${machine.nextDeadline}}`
    );
  }
}

function time(fields: Fields): number {
  return integer(fields, "t", Number.MAX_SAFE_INTEGER);
}
