import type { Verb } from "../story.ts";
import type { DaemonStage } from "./stage.ts";

/** `routes net0+net1 net2`: a multipath default route over two links and another over a third. `routes`: none. */
export const routes: Verb<DaemonStage> = (stage, words) => {
  stage.system.setRoutes(
    words.map((word, metric) => ({
      family: "ipv4",
      metric,
      nextHops: word
        .split("+")
        .map((name) => ({ ifindex: stage.link(name), gateway: "192.0.2.1", weight: 1, dead: false })),
    })),
  );
  return [];
};
