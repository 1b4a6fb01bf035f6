import type { Verb } from "../story.ts";
import type { DaemonStage } from "./stage.ts";

/** `ungroup ipmp1`: takes that group out of the configuration. */
export const ungroup: Verb<DaemonStage> = (stage, names) => {
  for (const name of names) {
    const place = stage.groups.findIndex((group) => group.name === name);
    if (place < 0) throw new Error(`the configuration has no group "${name}"`);
    stage.groups.splice(place, 1);
  }
  return [];
};
