import type { Ill } from "#src/ipmp/ill.js";
import type { Illgrp } from "#src/ipmp/illgrp.js";
import { ipifIsUpDataaddr } from "#src/ipmp/ipif.js";
import { one, type Verb } from "../story.ts";
import type { EngineStage } from "./stage.ts";

/**
 * `show ipmp0`, `show ipmp0/v6`: active members in the order of activation, each with the addresses bound to it, newest first;
 * who rests; which up addresses are bound to nobody; the nominee; whose turn it is to send.
 */
export const show: Verb<EngineStage> = (stage, words) => {
  const ipmpIll = stage.ill(one(words, "the group's interface"));
  const illgrp = ipmpIll.grp;
  return illgrp ? [describe(ipmpIll, illgrp)] : [`${ipmpIll.name} has no group`];
};

function describe(ipmpIll: Ill, { ills, actif, castIll, nextIll }: Illgrp): string {
  const active = actif.map(({ phyint, boundIpifs }) => `${phyint.name}[${boundIpifs.map(({ id }) => id).join(" ")}]`);
  const resting = ills.filter((ill) => !actif.includes(ill)).map(({ phyint }) => phyint.name);
  const unbound = ipmpIll.ipifs.filter((ipif) => ipifIsUpDataaddr(ipif) && !ipif.boundIll).map(({ id }) => id);
  const parts = [
    `${ipmpIll.phyint.name} ${ipmpIll.family}: ${active.join(" ") || "nobody"}`,
    ...(resting.length > 0 ? [`resting ${resting.join(" ")}`] : []),
    ...(unbound.length > 0 ? [`unbound ${unbound.join(" ")}`] : []),
    ...(castIll ? [`cast ${castIll.phyint.name}`] : []),
    ...(nextIll ? [`next ${nextIll.phyint.name}`] : []),
  ];
  return parts.join("  ");
}
