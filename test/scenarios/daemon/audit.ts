import type { Verb } from "../story.ts";
import type { DaemonStage } from "./stage.ts";

/** The check that every group is its departed members' share plus its present members'. */
export const audit: Verb<DaemonStage> = (stage) => {
  const violations = stage.core.audit();
  return violations.length === 0
    ? ["everything adds up"]
    : violations.map(({ group, statistic }) => `${group}: ${statistic}`);
};
