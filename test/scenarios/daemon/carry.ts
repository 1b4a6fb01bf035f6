import type { Verb } from "../story.ts";
import type { DaemonStage } from "./stage.ts";

/** `carry net0 500`: so many bytes each way. */
export const carry: Verb<DaemonStage> = (stage, [name = "", bytes = ""]) => {
  stage.system.carry(stage.link(name), BigInt(bytes));
  return [];
};
