import { addressUp } from "#src/ip/addresses.js";
import type { Verb } from "../story.ts";
import { addressesOf } from "./named.ts";
import type { EngineStage } from "./stage.ts";

/** `up d1 d2` brings addresses up; `up net0` the placeholder (0.0.0.0) that a member without test addresses needs. */
export const up: Verb<EngineStage> = (stage, names) =>
  addressesOf(stage, names).flatMap((ipif) => stage.operation(() => addressUp(ipif)));
