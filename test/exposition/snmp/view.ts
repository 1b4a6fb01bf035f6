/** Values of a snapshot's MIB by object identifier, for tests. */

import { MibContext } from "#src/exposition/snmp/mibs/mib-context.js";
import { oid } from "#src/exposition/snmp/protocol/oid.js";
import { agentTree, fullAccess } from "#src/exposition/snmp/view/agent-tree.js";
import { MibView } from "#src/exposition/snmp/view/mib-view.js";
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
  const mibView = new MibView(tree, new MibContext(snapshot, facts()));
  const access = fullAccess(tree);
  const value = (name: string) => {
    const position = mibView.find(oid(name), access);
    return position < 0 ? undefined : mibView.value(position)?.value;
  };
  const below = (prefix: string) => {
    const found = new Map<string, unknown>();
    for (let at = mibView.after(oid(prefix), access); at >= 0; at = mibView.next(at, access)) {
      const name = mibView.name(at).join(".");
      if (!name.startsWith(`${prefix}.`)) break;
      found.set(name.slice(prefix.length + 1), mibView.value(at)?.value);
    }
    return found;
  };
  return Object.assign(value, { below });
}
