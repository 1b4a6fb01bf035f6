import { packetIsProbe } from "#src/ipmp/ipif.js";
import type { Verb } from "../story.ts";
import type { EngineStage } from "./stage.ts";

/** `probe net0 t31`: whether a packet that net0 sends from that address (or that IP) is a probe. */
export const probe: Verb<EngineStage> = (stage, [name = "", source = ""]) => {
  const ip = stage.ipifs.get(source)?.addr ?? source;
  return [`${name} from ${ip}: ${packetIsProbe(stage.ill(name), ip) ? "a probe" : "data"}`];
};
