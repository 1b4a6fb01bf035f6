/**
 * Under which ifIndex a device has which link: found by walking ifName, and ifDescr, which is another name of the same link. Devices do give one
 * name to several links, and a link has to have a name of its own: series, counts and the state of a group go by it.
 */

import { ADMIN_DOWN } from "./interface-attributes.ts";
import { IF_ADMIN_STATUS, IF_DESCR, IF_NAME } from "./interface-columns.ts";
import type { Answer, Manager, Row } from "./manager.ts";
import { integer, text } from "./varbind.ts";

export interface InterfaceNames {
  readonly ifindex: number;
  /** ifName; of a device without ifXTable, ifDescr. Where other links of the device have it too, one that tells them apart. */
  readonly name: string;
  /** What the device says where it is to say the name: by this it is known that the ifIndex still has this link. */
  readonly said: string;
  /** All names by which it may be meant, the first one being `name`. */
  readonly all: readonly string[];
  /** It is administratively down, and has left its name to a link that is not: as the row of a deleted link that an agent keeps for a while. */
  readonly yields?: boolean;
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
  const named = toldApart(byIndex, new Set());
  if (named.every(({ ifindex, name, said }) => name !== numbered(said, ifindex)))
    return { kind: "answered", value: named };
  const statuses = await manager.walk(IF_ADMIN_STATUS);
  if (statuses.kind === "unanswered") return statuses;
  const down = statuses.value.flatMap(({ index, varbind }) => (integer(varbind) === ADMIN_DOWN ? index : []));
  return { kind: "answered", value: toldApart(byIndex, new Set(down)) };
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

/**
 * Each with a name of its own. Of those that share the one that they have, one that has another to itself goes by that: an agent may say the
 * former name of a renamed link beside the present one. If one of the rest is not administratively down (`down`), the name is its own;
 * otherwise each is `name#ifIndex`.
 */
function toldApart(byIndex: ReadonlyMap<number, readonly string[]>, down: ReadonlySet<number>): InterfaceNames[] {
  const bearers = counted([...byIndex.values()].flat());
  const sayers = counted([...byIndex.values()].flatMap(([said]) => said ?? []));
  const chosen = Array.from(byIndex, ([ifindex, known]) => {
    const [said = ""] = known;
    const own = sayers.get(said) === 1 ? said : known.find((one) => bearers.get(one) === 1);
    return { ifindex, known, said, own };
  });
  const rest = chosen.filter(({ own }) => own === undefined);
  const all = counted(rest.map(({ said }) => said));
  const up = counted(rest.flatMap(({ ifindex, said }) => (down.has(ifindex) ? [] : said)));
  const isHeir = (ifindex: number, said: string): boolean =>
    all.get(said) === 1 || (up.get(said) === 1 && !down.has(ifindex));
  const named = chosen.map(({ ifindex, known, said, own }) => {
    const name = own ?? (isHeir(ifindex, said) ? said : numbered(said, ifindex));
    return { ifindex, known, said, name, yields: own === undefined && name !== said && up.get(said) === 1 };
  });
  const taken = new Set(named.map(({ name }) => name));
  return named.map(({ ifindex, known, said, name, yields }) => ({
    ifindex,
    name,
    said,
    all: [name, ...known.filter((one) => one !== name && !taken.has(one))],
    yields,
  }));
}

const numbered = (said: string, ifindex: number): string => `${said}#${ifindex}`;

function counted(names: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}
