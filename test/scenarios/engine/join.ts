import { setGroupName } from "#src/ip/group-name.js";
import type { Verb } from "../story.ts";
import type { EngineStage } from "./stage.ts";

/** `join ipmp0 net0 net1`: asks for the group by its name; shows the errno of a refusal. */
export const join: Verb<EngineStage> = (stage, [group = "", ...links]) =>
  links.flatMap((name) => stage.request(() => setGroupName(stage.ip, stage.phyint(name), group)));
