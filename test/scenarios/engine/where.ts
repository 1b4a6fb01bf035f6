import { ipifHoldBoundIll } from "#src/ipmp/binding.js";
import type { Verb } from "../story.ts";
import type { EngineStage } from "./stage.ts";

/** `where d1`: which member receives for the address, and whether the resolver announces it (SIOCGLIFBINDING). */
export const where: Verb<EngineStage> = (stage, names) =>
  names.flatMap((name) => {
    const ipif = stage.ipif(name);
    const ill = ipifHoldBoundIll(ipif);
    return [`${name}: ${ill ? `${ill.phyint.name}${ipif.bound ? "" : ", not announced"}` : "nowhere"}`];
  });
