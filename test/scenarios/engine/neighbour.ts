import { NCE_F_MYADDR, Ncec, nceAdd, ncecAdd, ncecFastpath, ncecFlushNce } from "#src/ipmp/neighbour.js";
import type { Verb } from "../story.ts";
import { type EngineStage, found } from "./stage.ts";

/**
 * `neighbour r99 on ipmp0 [mine]`: a record of 192.0.2.99. `neighbour r99 used-by net0`: a member's own handle on it.
 * `neighbour r99 changed`, `neighbour r99 gone`: handles are made anew, or dropped.
 */
export const neighbour: Verb<EngineStage> = (stage, [name = "", what, where = "", mine]) => {
  if (what === "on") {
    const ip = `192.0.2.${name.replace(/\D/g, "")}`;
    const record = new Ncec(name, stage.ill(where), ip, "02:00:00:00:99:99", mine ? NCE_F_MYADDR : 0, "ND_REACHABLE");
    stage.ncecs.set(name, record);
    ncecAdd(record);
    return [];
  }
  const record = found(stage.ncecs.get(name), `neighbour "${name}"`);
  if (what === "used-by") nceAdd(stage.ill(where), record);
  else if (what === "changed") return stage.operation(() => ncecFastpath(record));
  else if (what === "gone") return stage.operation(() => ncecFlushNce(record));
  return [];
};
