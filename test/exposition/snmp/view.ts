/** Values of a snapshot's MIB by object identifier, for tests. */

import { Context } from "#src/exposition/snmp/context.js";
import { oid } from "#src/exposition/snmp/oid.js";
import { Store } from "#src/exposition/snmp/store.js";
import { agentTree, fullSight } from "#src/exposition/snmp/tree.js";
import type { Snapshot } from "#src/snapshot/snapshot.js";
import { facts } from "./facts.ts";

const tree = agentTree();

export interface View {
  /** Undefined where there is no such instance. */
  (name: string): unknown;
  /** Every instance below a prefix: what follows it, and the value. */
  below(prefix: string): Map<string, unknown>;
}

export function view(snapshot: Snapshot): View {
  const store = new Store(tree, new Context(snapshot, facts()));
  const sight = fullSight(tree);
  const value = (name: string) => {
    const position = store.find(oid(name), sight);
    return position < 0 ? undefined : store.value(position)?.value;
  };
  const below = (prefix: string) => {
    const found = new Map<string, unknown>();
    for (let at = store.after(oid(prefix), sight); at >= 0; at = store.next(at, sight)) {
      const name = store.name(at).join(".");
      if (!name.startsWith(`${prefix}.`)) break;
      found.set(name.slice(prefix.length + 1), store.value(at)?.value);
    }
    return found;
  };
  return Object.assign(value, { below });
}
