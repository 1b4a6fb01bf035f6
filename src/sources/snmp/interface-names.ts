/**
 * Under which ifIndex a device has which link: found by walking ifName, and ifDescr, which is another name of the same link. Devices do give one
 * name to several links, and a link has to have a name of its own: series, counts and the state of a group go by it.
 */

import { IF_DESCR, IF_NAME } from "./interface-columns.ts";
import type { Answer, Manager, Row } from "./manager.ts";
import { text } from "./varbind.ts";

export interface InterfaceNames {
  readonly ifindex: number;
  /** ifName; of a device without ifXTable, ifDescr. Where other links of the device have it too, one that tells them apart. */
  readonly name: string;
  /** What the device says where it is to say the name: by this it is known that the ifIndex still has this link. */
  readonly said: string;
  /** All names by which it may be meant, the first one being `name`. */
  readonly all: readonly string[];
}

/** InterfaceIndex (RFC 2863). */
const LARGEST_IFINDEX = 2_147_483_647;

export async function walkNames(manager: Manager): Promise<Answer<readonly InterfaceNames[]>> {
  const names = await manager.walk(IF_NAME);
  if (names.kind === "unanswered") return names;
  const descriptions = await manager.walk(IF_DESCR);
  if (descriptions.kind === "unanswered") return descriptions;
  const described = new Set<number>();
  const byIndex = new Map<number, string[]>();
  for (const { index, varbind } of [...names.value, ...descriptions.value] as readonly Row[]) {
    const [ifindex = 0, ...more] = index;
    const name = text(varbind);
    if (more.length > 0 || ifindex < 1 || ifindex > LARGEST_IFINDEX || name === undefined || name === "") continue;
    if (varbind.oid.startsWith(`${IF_DESCR}.`)) described.add(ifindex);
    const known = byIndex.get(ifindex);
    if (!known) byIndex.set(ifindex, [name]);
    else if (!known.includes(name)) known.push(name);
  }
  leaveOutSecondRows(byIndex, described);
  return { kind: "answered", value: toldApart(byIndex) };
}

/**
 * Some switches number ifXTable otherwise than ifTable. Then a link has two rows of one name, of which only that of ifTable has a state: the
 * other is no link, and to read both would count twice.
 */
function leaveOutSecondRows(byIndex: Map<number, readonly string[]>, described: ReadonlySet<number>): void {
  const ofTable = new Set([...described].flatMap((ifindex) => byIndex.get(ifindex) ?? []));
  for (const [ifindex, known] of byIndex)
    if (!described.has(ifindex) && known.every((name) => ofTable.has(name))) byIndex.delete(ifindex);
}

/** Each with a name of its own: where it shares the one that it has, its other name, if that is its own; otherwise `name#ifIndex`. */
function toldApart(byIndex: ReadonlyMap<number, readonly string[]>): InterfaceNames[] {
  const bearers = new Map<string, number>();
  for (const name of [...byIndex.values()].flat()) bearers.set(name, (bearers.get(name) ?? 0) + 1);
  const firsts = new Map<string, number>();
  for (const [said = ""] of byIndex.values()) firsts.set(said, (firsts.get(said) ?? 0) + 1);
  return Array.from(byIndex, ([ifindex, known]) => {
    const [said = ""] = known;
    if (firsts.get(said) === 1) return { ifindex, name: said, said, all: known };
    const name = known.find((one) => bearers.get(one) === 1) ?? `${said}#${ifindex}`;
    return { ifindex, name, said, all: [...new Set([name, ...known])] };
  });
}
