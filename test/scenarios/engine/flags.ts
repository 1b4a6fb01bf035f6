import { illsOf } from "#src/ip/ip.js";
import { flagNames, ILL_FLAGS, IPIF_FLAGS, PHYINT_FLAGS } from "#src/ipmp/flags.js";
import type { Verb } from "../story.ts";
import type { EngineStage } from "./stage.ts";

/** `flags net0 d1`: what is set, of the interface and then of each family. */
export const flags: Verb<EngineStage> = (stage, names) =>
  names.map((name) => {
    const ipif = stage.ipifs.get(name);
    if (ipif) return `${name}: ${flagNames(IPIF_FLAGS, ipif.flags).join(" ") || "none"}`;
    const phyint = stage.phyint(name);
    const own = flagNames(PHYINT_FLAGS, phyint.flags).join(" ") || "none";
    return [
      `${name}: ${own}`,
      ...illsOf(phyint).map((ill) => `${ill.family} ${flagNames(ILL_FLAGS, ill.flags).join(" ") || "none"}`),
    ].join("  ");
  });
