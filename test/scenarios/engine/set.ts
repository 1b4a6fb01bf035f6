import { setIllFlags, setIpifFlags, setPhyintFlags } from "#src/ip/interface-flags.js";
import { illsOf } from "#src/ip/ip.js";
import type { Errno } from "#src/ipmp/errno.js";
import { ILLF, IPIF, PHYI } from "#src/ipmp/flags.js";
import type { Verb } from "../story.ts";
import type { EngineStage } from "./stage.ts";

/** `set net0 +FAILED -INACTIVE`, `set d1 +NOFAILOVER`: asks for flags; shows the errno of a refusal. */
export const set: Verb<EngineStage> = (stage, [name = "", ...words]) => {
  const flags = words.map((word) => word.slice(1));
  const change = (table: Readonly<Record<string, number>>) => ({
    set: bits(words, "+", table),
    clear: bits(words, "-", table),
  });
  const areIn = (table: Readonly<Record<string, number>>) => flags.every((flag) => flag in table);
  const ipif = stage.ipifs.get(name);
  return stage.request((): Errno => {
    if (ipif) return setIpifFlags(ipif, change(IPIF));
    if (areIn(PHYI)) return setPhyintFlags(stage.phyint(name), change(PHYI));
    if (!areIn(ILLF)) throw new Error(`flags are ${Object.keys({ ...PHYI, ...ILLF, ...IPIF }).join(", ")}`);
    const ills = name.includes("/") ? [stage.ill(name)] : illsOf(stage.phyint(name));
    return ills.map((ill) => setIllFlags(ill, change(ILLF))).find((errno) => errno !== 0) ?? 0;
  });
};

function bits(words: readonly string[], sign: string, table: Readonly<Record<string, number>>): number {
  return words
    .filter((word) => word.startsWith(sign))
    .reduce((sum, word) => sum | (table[word.slice(1)] ?? Number.NaN), 0);
}
