/** Everything a trace has made, by the names that it gave. Asking for a name that is not there is misuse. */

import type { Errno } from "../ipmp/errno.ts";
import type { Ill } from "../ipmp/ill.ts";
import type { Illgrp } from "../ipmp/illgrp.ts";
import type { Ipif } from "../ipmp/ipif.ts";
import { grpLookup, type IpmpGroup } from "../ipmp/ipmp-group.ts";
import type { Phyint } from "../ipmp/phyint.ts";
import { type IpStack, init } from "../ipmp/stack.ts";
import { hrtime } from "../kstat/hrtime.ts";
import type { Kstat } from "../kstat/kstat.ts";
import { Registry } from "../kstat/registry.ts";
import { type Fields, text } from "./fields.ts";
import { Misuse } from "./misuse.ts";
import { ReplayEffects } from "./replay-effects.ts";

export class World {
  readonly effects: ReplayEffects;
  readonly kstats = new Registry();
  readonly stack: IpStack;
  readonly phyints = new Map<string, Phyint>();
  readonly ills = new Map<string, Ill>();
  readonly ipifs = new Map<string, Ipif>();
  /** Phyints unplumbed that have not left their ipsq: their names are taken. */
  readonly leaving = new Set<string>();
  /** The errno of the op under way. */
  errno: Errno = 0;

  constructor(withQueries: boolean) {
    this.effects = new ReplayEffects(withQueries);
    const { timers } = this.effects;
    this.stack = init({
      effects: this.effects,
      kstats: this.kstats,
      now: () => hrtime(BigInt(timers.clock) * 1_000_000_000n),
    });
  }

  phyint(fields: Fields, key = "phyint"): Phyint {
    return found(this.phyints, fields, key);
  }

  ill(fields: Fields, key = "ill"): Ill {
    return found(this.ills, fields, key);
  }

  /** An ill in an illgrp that is no meta-interface's. */
  member(fields: Fields, key = "ill"): Ill {
    const ill = this.ill(fields, key);
    if (!ill.isUnderIpmp) throw new Misuse(`${key} must be in an illgrp: "${ill.name}" is not`);
    return ill;
  }

  ipif(fields: Fields, key = "ipif"): Ipif {
    return found(this.ipifs, fields, key);
  }

  /** By the name of its meta-interface ill. */
  illgrp(fields: Fields, key = "illgrp"): Illgrp {
    const ill = this.ill(fields, key);
    if (!ill.isIpmp || ill.grp === undefined) throw new Misuse(`${key} must be an illgrp: "${ill.name}" has none`);
    return ill.grp;
  }

  /** By its present name. */
  group(fields: Fields, key = "grp"): IpmpGroup {
    const name = text(fields, key);
    const group = grpLookup(this.stack, name);
    if (group === undefined) throw new Misuse(`${key} must be a group: there is no "${name}"`);
    return group;
  }

  linkKstat(fields: Fields, key = "name"): Kstat {
    const name = text(fields, key);
    const kstat = this.kstats.lookup("link", 0, name);
    if (kstat === undefined) throw new Misuse(`${key} must be a link kstat: there is no "${name}"`);
    return kstat;
  }
}

function found<T>(table: ReadonlyMap<string, T>, fields: Fields, key: string): T {
  const name = text(fields, key);
  const thing = table.get(name);
  if (thing === undefined) throw new Misuse(`${key} must be something that exists: there is no "${name}"`);
  return thing;
}

/** Throws unless `holds`; `rule` says what a valid trace would have. */
export function expect(holds: boolean, rule: string): asserts holds {
  if (!holds) throw new Misuse(rule);
}
