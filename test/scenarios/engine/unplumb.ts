import { unplumbGroup, unplumbLink } from "#src/ip/plumbing.js";
import { one, type Verb } from "../story.ts";
import type { EngineStage } from "./stage.ts";

/** `unplumb net0`: the interface goes. A group's shows EBUSY while it is in use. */
export const unplumb: Verb<EngineStage> = (stage, words) => {
  const name = one(words, "the interface");
  const group = stage.groups.get(name);
  if (!group) {
    const phyint = stage.phyint(name);
    stage.phyints.delete(name);
    return stage.operation(() => unplumbLink(phyint));
  }
  return stage.operation(
    () => unplumbGroup(group),
    (errno) => {
      if (errno !== 0) return [errno];
      stage.groups.delete(name);
      return [];
    },
  );
};
