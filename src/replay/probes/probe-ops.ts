/** The ops of a probe trace. Each checks its fields and answers what to do, so that an op that makes no sense changes nothing. */

import { FAMILIES, type Family } from "../../ipmp/address.ts";
import { PHYI } from "../../ipmp/flags.ts";
import type { Instance } from "../../probing/instance.ts";
import type { AdminResult } from "../../probing/offline.ts";
import { sequence } from "../../probing/sequence.ts";
import type { Router, SendOutcome } from "../../probing/system.ts";
import { boolean, type Fields, has, integer, list, malformed, oneOf, text } from "../fields.ts";
import { Misuse } from "../misuse.ts";
import { FLAG_BITS } from "./event-json.ts";
import { type KernelFamily, KernelInterface } from "./kernel.ts";
import type { ProbeWorld } from "./probe-world.ts";

/** Does it; what it answers is the line's `res`. */
type Action = () => AdminResult | undefined;
export type ProbeOp = (world: ProbeWorld, fields: Fields) => Action;

const FAMILY_NUMBERS: Readonly<Record<number, Family>> = { 4: "v4", 6: "v6" };
const SEQUENCE_MAX = 0xffff;

/** Changes the kernel, then has the machine look at it. */
function thenScan(world: ProbeWorld, change: () => void): Action {
  return () => {
    change();
    world.machine.scan(world.now);
    return undefined;
  };
}

function then(change: () => void): Action {
  return () => {
    change();
    return undefined;
  };
}

export const PROBE_OPS: Readonly<Record<string, ProbeOp>> = {
  plumb(world, fields) {
    const entry = plumbed(fields);
    world.kernel.expectNew(entry.name);
    return thenScan(world, () => world.kernel.add(entry));
  },

  unplumb(world, fields) {
    const entry = world.kernel.interface(text(fields, "if"));
    const families = has(fields, "af") ? [family(fields["af"])] : FAMILIES;
    return thenScan(world, () => {
      for (const name of families) entry[name] = undefined;
      if (entry.v4 === undefined && entry.v6 === undefined) world.kernel.remove(entry);
    });
  },

  regroup(world, fields) {
    const entry = world.kernel.interface(text(fields, "if"));
    const group = name(fields, "group");
    return thenScan(world, () => {
      world.kernel.nameGroup(group);
      entry.group = group;
    });
  },

  rmgroup(world, fields) {
    const group = text(fields, "group");
    world.kernel.expectEmptyGroup(group);
    return thenScan(world, () => world.kernel.removeGroup(group));
  },

  test(world, fields) {
    const kernelFamily = kernelInstance(world, fields);
    const on = boolean(fields, "on");
    return thenScan(world, () => {
      kernelFamily.testAddress = on;
    });
  },

  addr(world, fields) {
    const { v4, v6 } = world.kernel.interface(text(fields, "if"));
    const up = boolean(fields, "up");
    return thenScan(world, () => {
      for (const kernelFamily of [v4, v6]) if (kernelFamily !== undefined) kernelFamily.up = up;
    });
  },

  scan: (world) => thenScan(world, () => {}),

  time: () => then(() => {}),

  dump: () => then(() => {}),

  link(world, fields) {
    const links = list(fields, "set").map((pair) => linkOf(world, pair));
    return then(() => {
      const changed = links.filter(([entry, up]) => setRunning(entry, up)).map(([entry]) => entry.name);
      if (changed.length > 0) world.machine.linksChanged(world.now, changed);
    });
  },

  kflags(world, fields) {
    const entry = world.kernel.interface(text(fields, "if"));
    const [set, clear] = [flags(fields, "set"), flags(fields, "clear")];
    return then(() => {
      const before = entry.flags;
      entry.flags = (before | set) & ~clear;
      if (entry.flags !== before) world.machine.flagsChanged(world.now, entry.name);
    });
  },

  routers(world, fields) {
    const routers = list(fields, "list").map(routerOf);
    return then(() => {
      world.kernel.routers = routers;
      world.machine.routersChanged(world.now);
    });
  },

  offline(world, fields) {
    const entry = world.kernel.interface(text(fields, "if"));
    const minimumRedundancy = has(fields, "min") ? integer(fields, "min") : 1;
    return () => world.machine.offline(world.now, entry.name, minimumRedundancy);
  },

  undo(world, fields) {
    const entry = world.kernel.interface(text(fields, "if"));
    return () => world.machine.online(world.now, entry.name);
  },

  send(world, fields) {
    const kernelFamily = kernelInstance(world, fields);
    const sends = SEND_MODES[oneOf(fields, "mode", ["ok", "block", "fail"])];
    return then(() => {
      kernelFamily.sends = sends;
    });
  },

  seq(world, fields) {
    const instance = machineInstance(world, fields);
    const next = integer(fields, "next", SEQUENCE_MAX);
    const highest = has(fields, "rack") ? integer(fields, "rack", SEQUENCE_MAX) : sequence(next - 1);
    return then(() => {
      instance.nextSequence = next;
      instance.highestAnswered = highest;
    });
  },

  random(world, fields) {
    const numbers = list(fields, "values").map(randomNumber);
    return then(() => world.trace.give(numbers));
  },

  alarm: (world) => then(() => world.machine.due(world.now)),

  run(world, fields) {
    const until = integer(fields, "until", Number.MAX_SAFE_INTEGER);
    return then(() => world.run(until));
  },

  reply(world, fields) {
    const { phyint, family: of } = machineInstance(world, fields);
    const answer = {
      interface: phyint.name,
      family: of,
      kind: oneOf(fields, "kind", ["uni", "multi", "rtt"]),
      sequence: integer(fields, "seq", SEQUENCE_MAX),
      from: text(fields, "from"),
      sentAt: integer(fields, "ts", Number.MAX_SAFE_INTEGER),
      age: has(fields, "lag") ? integer(fields, "lag", Number.MAX_SAFE_INTEGER) : 0,
    };
    return then(() => world.machine.received(world.now, answer));
  },
};

const SEND_MODES: Readonly<Record<"ok" | "block" | "fail", SendOutcome>> = {
  ok: "sent",
  block: "blocked",
  fail: "failed",
};

/** A name of an interface or a group; those of groups may be empty. */
function name(fields: Fields, key: string): string {
  const value = text(fields, key);
  if (/[/>]/.test(value)) throw malformed(key, value, "a name without / and >");
  return value;
}

function family(value: unknown): Family {
  const found = typeof value === "number" ? FAMILY_NUMBERS[value] : undefined;
  if (found === undefined) throw malformed("family", value, "4 or 6");
  return found;
}

function flags(fields: Fields, key: string): number {
  if (!has(fields, key)) return 0;
  return list(fields, key).reduce<number>((bits, value) => {
    const bit = typeof value === "string" ? FLAG_BITS.get(value) : undefined;
    if (bit === undefined) throw malformed(key, value, `flags out of ${[...FLAG_BITS.keys()].join(", ")}`);
    return bits | bit;
  }, 0);
}

function plumbed(fields: Fields): KernelInterface {
  const entry = new KernelInterface(name(fields, "if"), name(fields, "group"), flags(fields, "flags"));
  if (boolean(fields, "link", true)) entry.flags |= PHYI.RUNNING;
  const withTest = has(fields, "test") ? list(fields, "test").map(family) : [];
  for (const [key, otherwise] of [
    ["v4", true],
    ["v6", false],
  ] as const) {
    if (boolean(fields, key, otherwise)) entry[key] = { up: true, testAddress: withTest.includes(key), sends: "sent" };
  }
  return entry;
}

function setRunning(entry: KernelInterface, up: boolean): boolean {
  const before = entry.flags;
  entry.flags = up ? before | PHYI.RUNNING : before & ~PHYI.RUNNING;
  return entry.flags !== before;
}

/** An element of `set`: the interface, and whether its link is up. */
function linkOf(world: ProbeWorld, pair: unknown): [KernelInterface, boolean] {
  const [of, up]: unknown[] = Array.isArray(pair) ? pair : [];
  if (typeof of !== "string" || typeof up !== "boolean")
    throw malformed("set", pair, "pairs of an interface and a boolean");
  return [world.kernel.interface(of), up];
}

/** An element of the routing table: interface, family, address. */
function routerOf(row: unknown): Router {
  const [of, number, address]: unknown[] = Array.isArray(row) ? row : [];
  if (typeof of !== "string" || typeof address !== "string")
    throw malformed("list", row, "rows of an interface, 4 or 6, and an address");
  return { interface: of, family: family(number), address };
}

function randomNumber(value: unknown): number {
  if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 0)
    throw malformed("values", value, "whole numbers from 0");
  return value;
}

/** `inst`: an interface and a family, `e0/v4`. */
function parsedInstance(fields: Fields): [name: string, family: Family] {
  const value = text(fields, "inst");
  const [of = "", end, ...more] = value.split("/");
  const found = FAMILIES.find((one) => one === end);
  if (found === undefined || more.length > 0) throw malformed("inst", value, "an interface, a slash, and v4 or v6");
  return [of, found];
}

function kernelInstance(world: ProbeWorld, fields: Fields): KernelFamily {
  return world.kernel.family(...parsedInstance(fields));
}

function machineInstance(world: ProbeWorld, fields: Fields): Instance {
  const [of, which] = parsedInstance(fields);
  const instance = world.machine.phyint(of)?.[which];
  if (instance === undefined) throw new Misuse(`inst must be known to the machine: "${of}/${which}" is not`);
  return instance;
}
