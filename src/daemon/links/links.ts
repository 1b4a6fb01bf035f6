/** The links of all sources, each source with a table of its own. */

import { LOCAL, type LinkId } from "../../link/link-id.ts";
import type { Link } from "./link.ts";
import type { LinkTable } from "./link-table.ts";

export class Links {
  readonly tables: readonly LinkTable[];
  readonly #bySource: ReadonlyMap<string, LinkTable>;

  constructor(tables: readonly LinkTable[]) {
    this.tables = tables;
    this.#bySource = new Map(tables.map((table) => [table.source, table]));
  }

  /** Those of this host; undefined where only other systems are watched. */
  get local(): LinkTable | undefined {
    return this.of(LOCAL);
  }

  /** Those of one source; undefined where there is no such source. */
  of(source: string): LinkTable | undefined {
    return this.#bySource.get(source);
  }

  /** The link that is there under that id now. */
  get({ source, ifindex }: LinkId): Link | undefined {
    return this.of(source)?.get(ifindex);
  }

  *[Symbol.iterator](): IterableIterator<Link> {
    for (const table of this.tables) yield* table;
  }
}
