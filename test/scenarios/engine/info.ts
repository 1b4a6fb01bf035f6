import { grpInfo, grpLookup, type IpmpGroup } from "#src/ipmp/ipmp-group.js";
import type { Verb } from "../story.ts";
import type { EngineStage } from "./stage.ts";

/** `info ipmp0`: the request for a group's information, by its name (SIOCGLIFGROUPINFO). */
export const info: Verb<EngineStage> = (stage, names) =>
  names.map((name) => {
    const group = grpLookup(stage.ip.stack, name);
    return group ? describe(group) : `${name}: ENOENT`;
  });

function describe(group: IpmpGroup): string {
  const { grifname, v4, v6, nv4, nv6, mactype, m4ifname, bcifname, m6ifname } = grpInfo(group);
  const families = [v4 ? `v4 ${nv4}` : "no v4", v6 ? `v6 ${nv6}` : "no v6"].join(", ");
  const nominees = [
    m4ifname && `multicast v4 ${m4ifname}`,
    bcifname && `broadcast ${bcifname}`,
    m6ifname && `multicast v6 ${m6ifname}`,
  ];
  return [
    `${group.name} on ${grifname}: ${families}`,
    `medium 0x${mactype.toString(16)}`,
    ...nominees.filter(Boolean),
  ].join("; ");
}
