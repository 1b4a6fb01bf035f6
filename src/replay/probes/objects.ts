/** What the machine knows, as the objects of a trace's `ch`: groups, interfaces, their instances, and the targets of those. */

import type { Group } from "../../probing/group.ts";
import type { Instance } from "../../probing/instance.ts";
import type { ProbeMachine } from "../../probing/machine.ts";
import type { Phyint } from "../../probing/phyint.ts";
import { type ProbeStatus, RING_SLOTS } from "../../probing/probe-ring.ts";
import type { Target } from "../../probing/target.ts";
import { quote, quoteAll } from "../json.ts";
import { flagsArray, instanceName } from "./event-json.ts";

/** The fields of an object: their names, and their values as JSON in the same order. */
interface Shown {
  readonly names: readonly string[];
  readonly values: readonly string[];
}

export type Objects = ReadonlyMap<string, Shown>;

export function objectsOf({ groups, phyints, instances }: ProbeMachine): Objects {
  const objects = new Map<string, Shown>();
  for (const group of groups) objects.set(`group:${group.name}`, groupShown(group));
  for (const phyint of phyints) objects.set(phyint.name, phyintShown(phyint));
  for (const instance of instances) {
    const name = instanceName(instance);
    objects.set(name, instanceShown(instance));
    for (const target of instance.targets.targets) objects.set(`${name}>${target.address}`, targetShown(target));
  }
  return objects;
}

/** All objects, or those that are new, changed in a field or gone since `before`. */
export function objectsJson(objects: Objects, before: Objects | undefined): string {
  const parts: [name: string, json: string][] = [];
  for (const [name, shown] of objects) {
    const fields = fieldsJson(shown, before?.get(name));
    if (fields !== "") parts.push([name, `{${fields}}`]);
  }
  for (const name of before?.keys() ?? []) if (!objects.has(name)) parts.push([name, "null"]);
  parts.sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${parts.map(([name, json]) => `${quote(name)}:${json}`).join(",")}}`;
}

function fieldsJson({ names, values }: Shown, before: Shown | undefined): string {
  let json = "";
  for (const [index, value] of values.entries()) {
    if (value !== before?.values[index]) json += `${json === "" ? "" : ","}"${names[index]}":${value}`;
  }
  return json;
}

const GROUP = ["state", "fdt", "int", "sig"];

function groupShown({ state, failureDetectionTimeMs, intervalMs, signature }: Group): Shown {
  return { names: GROUP, values: [quote(state), `${failureDetectionTimeMs}`, `${intervalMs}`, `${signature}`] };
}

const PHYINT = ["group", "state", "flags", "link", "probe", "act", "down", "up"];

function phyintShown(phyint: Phyint): Shown {
  const values = [
    quote(phyint.group.name),
    quote(phyint.state),
    flagsArray(phyint.flags),
    `${phyint.linkUp}`,
    quote(probeStateOf(phyint)),
    `${phyint.isActive && phyint.hasAddress}`,
    `${!phyint.hasAddress}`,
    `[${phyint.linkUps.join(",")}]`,
  ];
  return { names: PHYINT, values };
}

/** The PROBE column of ipmpstat -i. */
function probeStateOf({ isProbed, isCapable, state }: Phyint): string {
  if (!isProbed) return "disabled";
  if (state === "failed") return "failed";
  return isCapable ? "ok" : "unknown";
}

const INSTANCE = [
  ...["on", "mode", "snxt", "rack", "next", "base", "fdbase", "quiet"],
  ...["nt", "tn", "rn", "stat", "ring", "tg"],
];

function instanceShown(instance: Instance): Shown {
  const { targets } = instance;
  const { sent, acked, lost, pending, unknown } = instance.counts;
  const values = [
    `${instance.isOn}`,
    instance.isOn ? (targets.ofRouters ? '"routes"' : '"multicast"') : '"disabled"',
    `${instance.nextSequence}`,
    `${instance.highestAnswered}`,
    `${instance.next}`,
    `${instance.base}`,
    `${instance.judgedBase}`,
    `${instance.quietUntil}`,
    `${targets.active}`,
    addressOf(targets.cursor),
    addressOf(targets.rttCursor),
    `[${sent},${acked},${lost},${pending},${unknown}]`,
    quote(ringOf(instance)),
    quoteAll(targets.targets.map(({ address }) => address)),
  ];
  return { names: INSTANCE, values };
}

function addressOf(target: Target | undefined): string {
  return target === undefined ? "null" : quote(target.address);
}

const RING_CHARACTERS: Readonly<Record<ProbeStatus, string>> = { unused: ".", pending: "?", acked: "+", lost: "-" };

/** The newest first, without the unused ones at the end. */
function ringOf({ ring }: Instance): string {
  let text = "";
  for (let rank = 1; rank <= RING_SLOTS; rank++) text += RING_CHARACTERS[ring.newest(rank).status];
  return text.replace(/\.+$/, "");
}

const TARGET = ["st", "crtt", "sa", "sd", "def", "la"];

function targetShown({ status, roundTrip, deferred, slowSince }: Target): Shown {
  const { average8, deviation4, conservativeMs } = roundTrip;
  const values = [
    quote(status),
    `${conservativeMs}`,
    `${average8}`,
    `${deviation4}`,
    `[${deferred ?? ""}]`,
    `${slowSince}`,
  ];
  return { names: TARGET, values };
}
