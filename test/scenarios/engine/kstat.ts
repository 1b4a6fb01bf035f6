import { valueOf } from "#src/kstat/kstat.js";
import { read } from "#src/kstat/registry.js";
import type { Verb } from "../story.ts";
import type { EngineStage } from "./stage.ts";

/** `kstat ipmp0 rbytes rbytes64`: those statistics of the group's kstat, as kstat -p prints them. */
export const kstat: Verb<EngineStage> = (stage, [name = "", ...statistics]) => {
  const found = stage.ip.stack.kstats.lookup("ipmp", 0, name);
  if (!found) return [`ipmp:0:${name} is not there`];
  const reading = read(found, stage.now);
  return statistics.map((statistic) => `ipmp:0:${name}:${statistic} ${valueOf(reading, statistic)}`);
};
