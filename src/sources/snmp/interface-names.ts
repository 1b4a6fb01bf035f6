/** Under which ifIndex a device has which link: found by walking ifName, and ifDescr, which is another name of the same link. */

import { IF_DESCR, IF_NAME } from "./interface-columns.ts";
import type { Answer, Manager, Row } from "./manager.ts";
import { text } from "./varbind.ts";

export interface InterfaceNames {
  readonly ifindex: number;
  /** ifName; of a device without ifXTable, ifDescr. */
  readonly name: string;
  /** Both, the first one being `name`. */
  readonly all: readonly string[];
}

/** InterfaceIndex (RFC 2863). */
const LARGEST_IFINDEX = 2_147_483_647;

export async function walkNames(manager: Manager): Promise<Answer<readonly InterfaceNames[]>> {
  const names = await manager.walk(IF_NAME);
  if (names.kind === "unanswered") return names;
  const descriptions = await manager.walk(IF_DESCR);
  if (descriptions.kind === "unanswered") return descriptions;
  const byIndex = new Map<number, string[]>();
  for (const { index, varbind } of [...names.value, ...descriptions.value] as readonly Row[]) {
    const [ifindex = 0, ...more] = index;
    const name = text(varbind);
    if (more.length > 0 || ifindex < 1 || ifindex > LARGEST_IFINDEX || name === undefined || name === "") continue;
    const known = byIndex.get(ifindex);
    if (!known) byIndex.set(ifindex, [name]);
    else if (!known.includes(name)) known.push(name);
  }
  return { kind: "answered", value: Array.from(byIndex, ([ifindex, all]) => ({ ifindex, name: all[0] ?? "", all })) };
}
