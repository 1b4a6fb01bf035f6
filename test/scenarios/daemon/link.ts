import type { LinkAttributes } from "#src/link/link-attributes.js";
import { one, options, type Verb } from "../story.ts";
import type { DaemonStage } from "./stage.ts";

type Action = (stage: DaemonStage, name: string, word: string) => void;

/** What can happen to a link that is there. */
const ACTIONS: Readonly<Record<string, Action>> = {
  down: (stage, name) => stage.system.setRunning(stage.link(name), false),
  up: (stage, name) => stage.system.setRunning(stage.link(name), true),
  disabled: (stage, name) =>
    stage.system.change(stage.link(name), { adminUp: false, running: false, operState: "down" }),
  enabled: (stage, name) => stage.system.change(stage.link(name), { adminUp: true, running: true, operState: "up" }),
  mtu: (stage, name, word) => stage.system.change(stage.link(name), { mtu: Number(word) }),
  mac: (stage, name, word) => stage.system.change(stage.link(name), { lladdr: word }),
  deleted(stage, name) {
    stage.system.delete(stage.link(name));
    stage.links.delete(name);
  },
  renamed(stage, name, word) {
    const ifindex = stage.link(name);
    stage.links.delete(name);
    stage.links.set(word, ifindex);
    stage.system.change(ifindex, { name: word });
  },
  restarted: (stage, name) => stage.system.resetCounters(stage.link(name)),
};

const KINDS: Readonly<Record<string, Partial<LinkAttributes>>> = {
  tunnel: { hardwareType: 65_534, pointToPoint: true, noArp: true, multicast: false },
  infiniband: { hardwareType: 32 },
  "no-arp": { noArp: true },
  "no-multicast": { multicast: false },
  loopback: { loopback: true, hasDevice: false, hardwareType: 772 },
  down: { running: false, operState: "down" },
};

/**
 * `link net0`: a new link; with `infiniband`, `tunnel`, `no-arp`, `no-multicast`, `loopback`, `mtu=9000`, `is=down`.
 * `link net0 down|up|disabled|enabled|deleted|renamed NEW|mtu 1400|mac 02:…|restarted`: something happens to one.
 */
export const link: Verb<DaemonStage> = (stage, [name, ...words]) => {
  const device = one([name ?? ""], "the link's name");
  const [verb = "", word = ""] = words;
  const action = ACTIONS[verb];
  if (action && stage.links.has(device)) {
    action(stage, device, word);
    return [];
  }
  const told = options(words);
  let attributes: Partial<LinkAttributes> = {};
  for (const [key, value] of told) {
    if (key === "mtu") attributes = { ...attributes, mtu: Number(value) };
    else attributes = { ...attributes, ...kind(key === "is" ? value : key) };
  }
  stage.links.set(device, stage.system.add(device, attributes));
  return [];
};

function kind(word: string): Partial<LinkAttributes> {
  const known = KINDS[word];
  if (!known)
    throw new Error(`a link can be ${Object.keys(KINDS).join(", ")}, or do ${Object.keys(ACTIONS).join(", ")}`);
  return known;
}
