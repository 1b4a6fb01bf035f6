import { deleteArp, setArp } from "#src/ip/arp.js";
import type { Verb } from "../story.ts";
import type { EngineStage } from "./stage.ts";

/** `arp ipmp0 set 192.0.2.99 02:…`, `arp ipmp0 delete 192.0.2.99`; `arp ipmp0` lists what is remembered, newest first. */
export const arp: Verb<EngineStage> = (stage, [name = "", what, ip = "", mac = ""]) => {
  const ill = stage.ill(name);
  const lladdr = stage.phyints.get(mac)?.v4?.physAddr ?? mac;
  if (what === "set") return stage.request(() => setArp(ill, ip, lladdr, 0));
  if (what === "delete") return stage.request(() => deleteArp(ill, ip));
  const entries = ill.grp?.arpents ?? [];
  if (entries.length === 0) return ["none"];
  return entries.map(({ ipaddr, lladdr: at, proxyarp, notified }) => {
    return `${ipaddr} at ${stage.deviceAt(at)}${proxyarp ? ", proxy" : ""}${notified ? "" : ", not announced"}`;
  });
};
