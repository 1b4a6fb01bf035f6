import { addressDown } from "#src/ip/addresses.js";
import type { Verb } from "../story.ts";
import { addressesOf } from "./named.ts";
import type { EngineStage } from "./stage.ts";

/** `down d1`, `down net0`: what `up` brought up. */
export const down: Verb<EngineStage> = (stage, names) =>
  addressesOf(stage, names).flatMap((ipif) => stage.operation(() => addressDown(ipif)));
