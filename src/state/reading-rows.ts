/**
 * Members' readings as 64-bit words in this machine's order: a row for each member, whose first words say of which link in which group
 * it is, then its settled counters and the source's own; and after all rows the time of each reading. The times stand apart because
 * they change with every reading, also when no counter does.
 */

import { readingsOf, type SavedGroup, type SavedReading, type SavedSource, type SavedState } from "./saved-state.ts";

export const WORD_BYTES = 8;
/** hrtime_t is signed. */
const LATEST = (1n << 63n) - 1n;

/** What a row looks like. */
export interface RowForm {
  /** ifindex of the group; number of the source; ifindex and crtime of the link. */
  readonly key: readonly [bigint, bigint, bigint, bigint];
  /** Statistics of its source. */
  readonly width: number;
}
const KEY_WORDS = 4;

/** The members of a state, as far as it matters here. */
export interface MemberList {
  readonly sources: readonly SavedSource[];
  readonly groups: readonly {
    readonly ifindex: number;
    readonly members: readonly { readonly source: string; readonly ifindex: number; readonly crtime: bigint }[];
  }[];
}

/** A row for each member of each group, in order. */
export function rowForms({ sources, groups }: MemberList): RowForm[] {
  return groups.flatMap((group) =>
    group.members.map(({ source, ifindex, crtime }): RowForm => {
      const number = sources.findIndex(({ name }) => name === source);
      const width = sources[number]?.statistics.length ?? 0;
      return { key: [BigInt(group.ifindex), BigInt(number), BigInt(ifindex), crtime], width };
    }),
  );
}

const rowWords = ({ width }: RowForm): number => KEY_WORDS + 2 * width;

/** Words that these rows and their times take. */
export function wordsFor(forms: readonly RowForm[]): number {
  return forms.reduce((words, form) => words + rowWords(form) + 1, 0);
}

/** Whether both states have the same members in the same order, whose readings are the same objects: what was made of one's rows is right for the other. */
export function haveSameRows(one: SavedState, other: SavedState): boolean {
  return (
    one.sources.length === other.sources.length &&
    one.sources.every(({ name, statistics }, n) => {
      const source = other.sources[n];
      return name === source?.name && statistics.length === source.statistics.length;
    }) &&
    one.groups.length === other.groups.length &&
    one.groups.every((group, n) => group === other.groups[n] || haveSameMembers(group, other.groups[n]))
  );
}

function haveSameMembers(one: SavedGroup, other: SavedGroup | undefined): boolean {
  return (
    one.ifindex === other?.ifindex &&
    one.members.length === other.members.length &&
    one.members.every(({ source, ifindex, crtime, reading }, n) => {
      const member = other.members[n];
      return (
        reading === member?.reading &&
        source === member.source &&
        ifindex === member.ifindex &&
        crtime === member.crtime
      );
    })
  );
}

/** The rows of one state in memory. Its readings are live: they are copied into the rows as often as they are to be saved. */
export class ReadingRows {
  readonly #words: BigUint64Array;
  readonly #readings: readonly SavedReading[];
  /** `changes` of each reading when it was copied last. */
  readonly #copied: (number | undefined)[] = [];

  /** Into `words`, of which there are {@link wordsFor} all rows. */
  constructor(words: BigUint64Array, forms: readonly RowForm[], state: SavedState) {
    this.#words = words;
    this.#readings = readingsOf(state);
    let offset = 0;
    for (const form of forms) {
      words.set(form.key, offset);
      offset += rowWords(form);
    }
  }

  /** Copies the readings of now into the rows. Those of links of other systems are many, and change with their polls alone: only what changed is copied. */
  take(): void {
    const words = this.#words;
    const timesAt = this.#timesAt;
    let offset = 0;
    for (const [n, { counters, seen, seenAt, changes }] of this.#readings.entries()) {
      offset += KEY_WORDS;
      if (changes === undefined || changes !== this.#copied[n]) {
        words.set(counters, offset);
        words.set(seen, offset + counters.length);
        this.#copied[n] = changes;
      }
      offset += counters.length + seen.length;
      words[timesAt + n] = seenAt;
    }
  }

  /** Bytes of everything but the times. */
  get comparedBytes(): number {
    return this.#timesAt * WORD_BYTES;
  }

  get #timesAt(): number {
    return this.#words.length - this.#readings.length;
  }
}

/** The readings of members with those rows; undefined when they are of others, or of no time. */
export function decodeRows(bytes: Uint8Array, forms: readonly RowForm[]): SavedReading[] | undefined {
  if (bytes.length !== wordsFor(forms) * WORD_BYTES) return undefined;
  const words = new BigUint64Array(new Uint8Array(bytes).buffer);
  const times = words.subarray(words.length - forms.length);
  if (times.some((time) => time > LATEST)) return undefined;
  const readings: SavedReading[] = [];
  let offset = 0;
  for (const [n, form] of forms.entries()) {
    const row = words.subarray(offset, offset + rowWords(form));
    offset += rowWords(form);
    if (form.key.some((word, slot) => word !== row[slot])) return undefined;
    const counters = row.slice(KEY_WORDS, KEY_WORDS + form.width);
    readings.push({ counters, seen: row.slice(KEY_WORDS + form.width), seenAt: times[n] ?? 0n });
  }
  return readings;
}
