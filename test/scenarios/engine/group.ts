import { plumbGroup } from "#src/ip/plumbing.js";
import { illgrpDestroy, illgrpUnlinkGrp } from "#src/ipmp/illgrp.js";
import { phyintUnplumbIll } from "#src/ipmp/phyint.js";
import { one, options, type Verb } from "../story.ts";
import type { EngineStage } from "./stage.ts";

/** `group prod ifname=ipmp0`: a meta-interface and its group. `v4-only` leaves IPv6 out. */
export const group: Verb<EngineStage> = (stage, [name, ...words]) => {
  const told = options(words);
  const ifname = told.get("ifname") ?? one([name ?? ""], "the group's name");
  return stage.operation(
    () => plumbGroup(stage.ip, { name: name ?? "", ifname, ifindex: stage.nextIfindex }),
    (made) => {
      if (typeof made === "string") return [made];
      stage.groups.set(ifname, made);
      const { v6 } = made.phyint;
      if (told.has("v4-only") && v6?.grp) {
        illgrpUnlinkGrp(v6.grp);
        illgrpDestroy(v6.grp);
        phyintUnplumbIll(v6);
      }
      return [];
    },
  );
};
