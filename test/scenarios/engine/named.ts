/** Addresses as commands name them: each by its own name, an interface for the placeholders in its first slots. */

import { illsOf } from "#src/ip/ip.js";
import type { Ipif } from "#src/ipmp/ipif.js";
import type { EngineStage } from "./stage.ts";

export function addressesOf(stage: EngineStage, names: readonly string[]): Ipif[] {
  return names.flatMap((name) => {
    const known = stage.ipifs.get(name);
    if (known) return [known];
    const ills = name.includes("/") ? [stage.ill(name)] : illsOf(stage.phyint(name));
    return ills.flatMap(({ ipifs }) => ipifs.slice(0, 1));
  });
}
