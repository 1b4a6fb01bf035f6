import { illsOf } from "#src/ip/ip.js";
import type { Verb } from "../story.ts";
import type { EngineStage } from "./stage.ts";

/** `neighbours ipmp0`: records of the interface, with the member that announces each of our own; handles of a member. */
export const neighbours: Verb<EngineStage> = (stage, names) =>
  names.map((name) => {
    const ills = illsOf(stage.phyint(name));
    const records = ills
      .flatMap(({ ncecs }) => [...ncecs])
      .map(({ addr, lladdr }) => `${addr} at ${stage.deviceAt(lladdr)}`);
    const handles = ills.flatMap(({ nces }) => nces).map(({ addr }) => `a handle on ${addr}`);
    return `${name}: ${[...records, ...handles].join(", ") || "none"}`;
  });
