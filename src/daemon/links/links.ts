/** The links of all sources, each source with a table of its own. */

import { LOCAL } from "../../link/link-id.ts";
import type { Link, LinkTable } from "./link.ts";

export class Links {
  readonly tables: readonly LinkTable[];

  constructor(tables: readonly LinkTable[]) {
    this.tables = tables;
  }

  /** Those of this host; undefined where only other systems are watched. */
  get local(): LinkTable | undefined {
    return this.tables.find(({ source }) => source === LOCAL);
  }

  *[Symbol.iterator](): IterableIterator<Link> {
    for (const table of this.tables) yield* table;
  }
}
