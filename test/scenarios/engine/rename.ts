import { setGroupName } from "#src/ip/group-name.js";
import type { Verb } from "../story.ts";
import type { EngineStage } from "./stage.ts";

/** `rename ipmp0 prod`: another name for the group of that meta-interface. */
export const rename: Verb<EngineStage> = (stage, [ifname = "", name = ""]) =>
  stage.request(() => setGroupName(stage.ip, stage.phyint(ifname), name));
