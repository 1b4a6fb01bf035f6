import type { Verb } from "../story.ts";
import type { DaemonStage } from "./stage.ts";

/** Where each data address is received, and who speaks for the group. */
export const addresses: Verb<DaemonStage> = (stage) =>
  stage
    .snapshot()
    .groups.flatMap(({ addresses: own = [], castDevice }) => [
      ...own.map(({ address, inbound, up }) => `${address} ${up ? "up" : "down"} on ${inbound ?? "nobody"}`),
      ...(castDevice ? [`multicast and broadcast: ${castDevice.ipv4 ?? "nobody"}`] : []),
    ]);
