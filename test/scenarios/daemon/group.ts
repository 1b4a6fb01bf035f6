import type { GroupConfiguration, MemberRule } from "#src/config/configuration.js";
import { parseIpAddress } from "#src/net-address/ip-address.js";
import type { Verb } from "../story.ts";
import type { DaemonStage } from "./stage.ts";

const OPTION = /^(ifname|addresses|min_active)=(.*)$/;

/**
 * `group ipmp0 net0 net1(standby) /^ens/ addresses=192.0.2.10,192.0.2.11 min_active=2 ifname=…`: a group of the configuration, in
 * place of any of that ifname. `start` and `reload` read it.
 */
export const group: Verb<DaemonStage> = (stage, [name = "", ...words]) => {
  const told = new Map(
    words.flatMap((word) => (OPTION.test(word) ? [[word.split("=")[0], word.split("=")[1] ?? ""]] : [])),
  );
  const ifname = told.get("ifname") ?? name;
  const next: GroupConfiguration = {
    name,
    ifname,
    members: words.filter((word) => !OPTION.test(word)).map(rule),
    addresses: (told.get("addresses") ?? "").split(",").flatMap((text) => parseIpAddress(text) ?? []),
    minActive: Number(told.get("min_active") ?? 1),
  };
  const place = stage.groups.findIndex((other) => other.ifname === ifname);
  stage.groups.splice(place < 0 ? stage.groups.length : place, place < 0 ? 0 : 1, next);
  return [];
};

function rule(word: string): MemberRule {
  const [, device = "", standby] = /^(.+?)(\(standby\))?$/.exec(word) ?? [];
  const [, match] = /^\/(.+)\/$/.exec(device) ?? [];
  return match === undefined
    ? { kind: "device", device, standby: standby !== undefined }
    : { kind: "match", match: new RegExp(match), standby: standby !== undefined };
}
