import { addressDown } from "#src/ip/addresses.js";
import { IPIF } from "#src/ipmp/flags.js";
import { one, type Verb } from "../story.ts";
import type { EngineStage } from "./stage.ts";

/** `duplicate t1`: somebody else uses the address, so IP holds it down. */
export const duplicate: Verb<EngineStage> = (stage, words) => {
  const ipif = stage.ipif(one(words, "the address"));
  return stage.operation(() => {
    addressDown(ipif);
    ipif.flags |= IPIF.DUPLICATE;
    ipif.ill.ipifDupCount++;
  });
};
