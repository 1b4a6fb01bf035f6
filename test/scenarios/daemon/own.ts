import type { Verb } from "../story.ts";
import type { DaemonStage } from "./stage.ts";

/** `own net0 192.0.2.31`: an address that the link itself has. The program reads addresses when it starts. */
export const own: Verb<DaemonStage> = (stage, [name = "", address = ""]) => {
  const family = address.includes(":") ? "ipv6" : "ipv4";
  const entry = {
    ifindex: stage.link(name),
    family,
    address,
    prefixLength: 24,
    tentative: false,
    duplicate: false,
  } as const;
  stage.system.addressList = [...stage.system.addressList, entry];
  return [];
};
