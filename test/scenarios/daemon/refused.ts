import type { Verb } from "../story.ts";
import type { DaemonStage } from "./stage.ts";

/** Who may not join, with the errno and what to do. */
export const refused: Verb<DaemonStage> = (stage) =>
  stage
    .snapshot()
    .groups.flatMap((group) => group.refused.map(({ device, errno, why }) => `${device} ${errno}: ${why}`));
