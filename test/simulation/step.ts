/** One step of a history, and how a history is made from a seed. A step is numbers and words, so that it can be printed and repeated. */

import type { Random } from "./random.ts";

export const KINDS = [
  "add",
  "carry",
  "burst",
  "up",
  "down",
  "mtu",
  "rename",
  "swap",
  "rotate",
  "remove",
  "replace",
  "away",
  "back",
  "reset",
  "lose",
  "repeat",
  "hold",
  "release",
  "fail",
  "wake",
  "scrape",
  "checkpoint",
  "pass",
  "reload",
  "offline",
  "online",
  "crash",
  "tear",
  "kill",
  "stop",
  "start",
  "reboot",
  "blackout",
  "namespace",
  "spoil",
  "fill",
  "protect",
  "unlink",
  "free",
  "clock",
] as const;
export type Kind = (typeof KINDS)[number];

/** `a`, `b` and `c` choose: which link, which name, how much. What they choose from is there when the step is taken. */
export interface Step {
  readonly kind: Kind;
  readonly a: number;
  readonly b: number;
  readonly c: number;
}

/** How often each comes, in a run of steps. */
const WEIGHTS: Readonly<Record<Kind, number>> = {
  add: 10,
  carry: 60,
  burst: 15,
  up: 4,
  down: 4,
  mtu: 2,
  rename: 6,
  swap: 4,
  rotate: 3,
  remove: 8,
  replace: 6,
  away: 4,
  back: 5,
  reset: 4,
  lose: 6,
  repeat: 4,
  hold: 3,
  release: 5,
  fail: 1,
  wake: 8,
  scrape: 40,
  checkpoint: 4,
  pass: 10,
  reload: 6,
  offline: 2,
  online: 2,
  crash: 14,
  tear: 14,
  kill: 3,
  stop: 2,
  start: 20,
  reboot: 1,
  blackout: 1,
  namespace: 1,
  spoil: 4,
  fill: 1,
  protect: 1,
  unlink: 1,
  free: 4,
  clock: 2,
};

const BAG: readonly Kind[] = KINDS.flatMap((kind) => Array.from({ length: WEIGHTS[kind] }, () => kind));

export interface History {
  readonly seed: number;
  readonly bits: 32 | 64;
  readonly steps: readonly Step[];
}

/** Begins with a few links and a running program. */
export function history(random: Random, seed: number): History {
  const step = (kind: Kind): Step => ({ kind, a: random.word(), b: random.word(), c: random.word() });
  const opening = [step("add"), step("add"), step("add"), step("start")];
  const steps = Array.from({ length: 20 + random.below(60) }, () => step(BAG[random.below(BAG.length)] ?? "carry"));
  return { seed, bits: random.chance(15) ? 32 : 64, steps: [...opening, ...steps, step("start"), step("scrape")] };
}
