/**
 * Under which ifIndex a device has which link: found by walking ifName, and ifDescr, which is another name of the same link. Devices do give one
 * name to several links, and a link has to have a name of its own: series, counts and the state of a group go by it.
 */

import type { Answer } from "./answer.ts";
import { ADMIN_DOWN } from "./interface-attributes.ts";
import { IF_ADMIN_STATUS, IF_DESCR, IF_NAME } from "./interface-columns.ts";
import type { Manager, Row } from "./manager.ts";
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

export async function walkNames(manager: Pick<Manager, "walk">): Promise<Answer<readonly InterfaceNames[]>> {
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
  const described = descriptions.value.filter(({ varbind }) => text(varbind) !== undefined); // it may be empty
  leaveOutSecondRows(byIndex, new Set(described.flatMap(({ index }) => index)));
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
function leaveOutSecondRows(byIndex: Map<number, readonly string[]>, ofTable: ReadonlySet<number>): void {
  const names = new Set([...ofTable].flatMap((ifindex) => byIndex.get(ifindex) ?? []));
  for (const [ifindex, known] of byIndex)
    if (!ofTable.has(ifindex) && known.every((name) => names.has(name))) byIndex.delete(ifindex);
}

/**
 * Each with a name of its own. Of those that share the one that they have, one that has another to itself goes by that: an agent may say the
 * former name of a renamed link beside the present one. If one of the rest is not administratively down (`down`), the name is its own;
 * otherwise each is `name#ifIndex`.
 */
function toldApart(byIndex: ReadonlyMap<number, readonly string[]>, down: ReadonlySet<number>): InterfaceNames[] {
  const bearers = counted([...byIndex.values()].flat());
  const sayers = counted([...byIndex.values()].flatMap(([said]) => said ?? []));
  const links = Array.from(byIndex, ([ifindex, known]) => {
    const [said = ""] = known;
    const own = sayers.get(said) === 1 ? said : known.find((one) => bearers.get(one) === 1);
    return { ifindex, known, said, own };
  });
  const heirs = heirsOf(
    links.filter(({ own }) => own === undefined),
    down,
  );
  const named = links.map(({ ifindex, known, said, own }) => {
    const heir = heirs.get(said);
    const name = own ?? (heir === ifindex ? said : numbered(said, ifindex));
    return { ifindex, known, said, name, yields: own === undefined && heir !== undefined && heir !== ifindex };
  });
  const taken = new Set(named.map(({ name }) => name));
  return named.map(({ ifindex, known, said, name, yields }) => {
    const others = known.filter((one) => one !== name && !taken.has(one));
    return { ifindex, said, name, yields, all: [name].concat(others) };
  });
}

/** Whose a name is that several say: the ifIndex of the only one, or of the only one that is not down. */
function heirsOf(
  links: readonly Pick<InterfaceNames, "ifindex" | "said">[],
  down: ReadonlySet<number>,
): ReadonlyMap<string, number> {
  const bySaid = new Map<string, number[]>();
  for (const { ifindex, said } of links) bySaid.set(said, [...(bySaid.get(said) ?? []), ifindex]);
  return new Map(
    [...bySaid].flatMap(([said, all]) => {
      const [only, ...others] = all.length === 1 ? all : all.filter((ifindex) => !down.has(ifindex));
      return only === undefined || others.length > 0 ? [] : [[said, only]];
    }),
  );
}

const numbered = (said: string, ifindex: number): string => `${said}#${ifindex}`;

function counted(names: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}
