import { setGroupName } from "#src/ip/group-name.js";
import type { Verb } from "../story.ts";
import type { EngineStage } from "./stage.ts";

/** `leave net0`: asks for no group. */
export const leave: Verb<EngineStage> = (stage, links) =>
  links.flatMap((name) => stage.request(() => setGroupName(stage.ip, stage.phyint(name), "")));
