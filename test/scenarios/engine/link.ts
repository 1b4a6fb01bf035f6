import { plumbLink } from "#src/ip/plumbing.js";
import { ILLF } from "#src/ipmp/flags.js";
import { phyintUnplumbIll } from "#src/ipmp/phyint.js";
import { options, type Verb } from "../story.ts";
import type { EngineStage } from "./stage.ts";

/** ARPHRD_*. */
const MEDIA: Readonly<Record<string, number>> = { ethernet: 1, infiniband: 32, "token-ring": 6 };

/**
 * `link net0 net1 mtu=9000`: links that are plumbed for IPv4, with no address up. Options: v6 or v4+v6, mtu, mac, medium, noarp,
 * nomulticast, standby,
 * loopback, cos, usesrc, fixed-mtu.
 */
export const link: Verb<EngineStage> = (stage, words) => {
  const names = words.filter((word) => !OPTION.test(word));
  const told = options(words.filter((word) => OPTION.test(word)));
  for (const name of names) {
    const ifindex = stage.nextIfindex;
    const phyint = plumbLink(stage.ip, {
      name,
      ifindex,
      hardwareType: MEDIA[told.get("medium") ?? "ethernet"] ?? Number.NaN,
      mtu: Number(told.get("mtu") ?? 1500),
      lladdr: told.get("mac") ?? `02:00:00:00:00:${ifindex.toString(16).padStart(2, "0")}`,
      running: true,
      loopback: told.has("loopback"),
      pointToPoint: false,
      noArp: told.has("noarp"),
      multicast: !told.has("nomulticast"),
      standby: told.has("standby"),
    });
    const { v4, v6 } = phyint;
    if (v6 && !told.has("v6") && !told.has("v4+v6")) phyintUnplumbIll(v6);
    if (v4 && told.has("v6")) phyintUnplumbIll(v4);
    for (const ill of [v4, v6]) {
      if (ill && told.has("cos")) ill.flags |= ILLF.COS_ENABLED;
      if (ill && told.has("fixed-mtu")) ill.flags |= ILLF.FIXEDMTU;
      if (ill && told.has("usesrc")) ill.usesrcGrpNext = true;
    }
    stage.phyints.set(name, phyint);
  }
  return [];
};

const OPTION = /^(v6|v4\+v6|mtu=.*|mac=.*|medium=.*|noarp|nomulticast|standby|loopback|cos|usesrc|fixed-mtu)$/;
