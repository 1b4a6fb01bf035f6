import { renderText } from "#src/exposition/prometheus/metrics.js";
import type { Verb } from "../story.ts";
import type { DaemonStage } from "./stage.ts";

/** `metrics ipmp_group_rebinds_total`: the samples whose line begins so. */
export const metrics: Verb<DaemonStage> = (stage, prefixes) => {
  const lines = Buffer.from(renderText(stage.snapshot())).toString("utf8").split("\n");
  return prefixes.flatMap((prefix) => lines.filter((line) => line.startsWith(prefix)));
};
