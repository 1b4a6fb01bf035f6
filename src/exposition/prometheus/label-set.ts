/**
 * Label sets, apart from how a format writes them. Families make them and hand them to a writer; a writer encodes each one
 * once, and finds its encoding again at every scrape, because encoding thousands of them anew would be a large part of one.
 */

/** Names and values, in the order in which they are written. One without a value is left out: to Prometheus the two are the same. */
export type Labels = Readonly<Record<string, string | number | undefined>>;

/** How many encodings there are: one for each format. */
let encodings = 0;

/** Labels of a sample, or part of them. Only {@link LabelEncoding} looks into it. */
export class LabelSet {
  /** Name, value, name, value: a hub has tens of thousands of pairs, and an array for each would be most of their memory. */
  readonly pairs: readonly string[];
  /** One place for each encoding; what lies there is that encoding's own. Not larger than that: there are thousands of sets. */
  readonly encoded: unknown[] = new Array<unknown>(encodings);

  constructor(pairs: LabelSet["pairs"]) {
    this.pairs = pairs;
  }
}

/** The only label set without labels. */
export const NO_LABELS = new LabelSet([]);

export function labelSet(labels: Labels): LabelSet {
  const pairs = Object.entries(labels).flatMap(([name, value = ""]) => (value === "" ? [] : [name, String(value)]));
  return pairs.length === 0 ? NO_LABELS : new LabelSet(pairs.slice()); // not larger than it has to be
}

/** What becomes of each pair, in their order. */
export function mapPairs<T>(pairs: LabelSet["pairs"], of: (name: string, value: string) => T): T[] {
  const all: T[] = [];
  for (let n = 0; n + 1 < pairs.length; n += 2) all.push(of(pairs[n] ?? "", pairs[n + 1] ?? ""));
  return all;
}

/** How one format writes label sets. Encodings live as long as the label set that they belong to. */
export class LabelEncoding<Encoded extends object> {
  readonly #place = encodings++;
  readonly #encode: (pairs: LabelSet["pairs"]) => Encoded;

  constructor(encode: (pairs: LabelSet["pairs"]) => Encoded) {
    this.#encode = encode;
  }

  of(labels: LabelSet): Encoded {
    // Nobody else writes to this place.
    const known = labels.encoded[this.#place] as Encoded | undefined;
    return known ?? this.#first(labels);
  }

  #first(labels: LabelSet): Encoded {
    const encoded = this.#encode(labels.pairs);
    labels.encoded[this.#place] = encoded;
    return encoded;
  }
}

/** Label sets by their texts, each made once. When more than `kept` of them have been asked for, all are forgotten. */
export class LabelSets {
  readonly #sets = new Map<string, LabelSet>();
  readonly #kept: number;

  constructor(kept: number) {
    this.#kept = kept;
  }

  of(labels: Labels): LabelSet {
    let key = "";
    for (const name in labels) key += `${name}\n${labels[name] ?? ""}\n`;
    let set = this.#sets.get(key);
    if (!set) {
      if (this.#sets.size >= this.#kept) this.#sets.clear();
      set = labelSet(labels);
      this.#sets.set(key, set);
    }
    return set;
  }
}
