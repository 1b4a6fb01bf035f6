import { IRE_TYPES, Ire, ireAdd } from "#src/ipmp/ire.js";
import type { Verb } from "../story.ts";
import type { EngineStage } from "./stage.ts";

/** `route r1 on net0 IRE_DEFAULT`: a route out of that interface. */
export const route: Verb<EngineStage> = (stage, [name = "", , where = "", word]) => {
  const type = IRE_TYPES.find((known) => known === word);
  if (!type) throw new Error(`types of routes are ${IRE_TYPES.join(", ")}`);
  const ire = new Ire(name, stage.ill(where), type, false);
  stage.ires.set(name, ire);
  ireAdd(ire);
  return [];
};
