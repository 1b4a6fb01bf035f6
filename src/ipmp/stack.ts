/** One instance of IP (ip_stack_t): the root from which every engine object is reached. */

import type { Hrtime } from "../kstat/hrtime.ts";
import type { Registry } from "../kstat/registry.ts";
import type { Effects } from "./effects.ts";
import type { IpmpGroup } from "./ipmp-group.ts";
import { precondition } from "./panic.ts";

export interface StackSpec {
  /** What the engine does to the rest of the system. */
  readonly effects: Effects;
  /** Where links are read (`link:0:<name>`) and groups are shown (`ipmp:0:<ifname>`). */
  readonly kstats: Registry;
  /** Time of creation for new kstats (gethrtime). */
  readonly now: () => Hrtime;
}

export class IpStack {
  readonly effects: Effects;
  readonly kstats: Registry;
  readonly now: () => Hrtime;
  /** ips_ipmp_grp_hash: groups by their present name. Changed only by the functions of ipmp-group.ts. */
  readonly groups = new Map<string, IpmpGroup>();

  constructor(spec: StackSpec) {
    this.effects = spec.effects;
    this.kstats = spec.kstats;
    this.now = spec.now;
  }
}

/** ipmp_init: a stack without groups. */
export function init(spec: StackSpec): IpStack {
  return new IpStack(spec);
}

/** ipmp_destroy: the stack ends; its groups are gone by then. */
export function destroy(stack: IpStack): void {
  precondition(stack.groups.size === 0, "a stack ends without groups");
}
