import { illGetXmitIll } from "#src/ipmp/selection.js";
import { one, type Verb } from "../story.ts";
import type { EngineStage } from "./stage.ts";

/** `send ipmp0 unicast 5`, `send ipmp0 multicast`: who is picked, once a new destination. */
export const send: Verb<EngineStage> = (stage, [name = "", kind, times = "1"]) => {
  const ill = stage.ill(name);
  const picks = Array.from({ length: Number(times) }, () =>
    illGetXmitIll(ill, one([kind ?? ""], "what") === "unicast"),
  );
  return [picks.map((pick) => pick?.phyint.name ?? "nobody").join(" ")];
};
