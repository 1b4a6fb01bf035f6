/** Views: which part of the tree somebody may read (VACM, RFC 3415 section 2.4, in whole objects). */

import { formatOid, type Oid, startsWith } from "../protocol/oid.ts";
import type { Access, MibTree } from "./mib-view.ts";

/** Subtrees that are seen and subtrees of them that are not; of several that hold an object the longest decides. */
export interface View {
  readonly include: readonly Oid[];
  readonly exclude?: readonly Oid[];
}

/** @throws RangeError when a subtree begins below an object: rows cannot be hidden one by one. */
export function accessOf(tree: MibTree, view: View): Access {
  const subtrees = [
    ...view.include.map((oid) => ({ oid, seen: 1 })),
    // After those included, so that of the same subtree twice the exclusion counts.
    ...(view.exclude ?? []).map((oid) => ({ oid, seen: 0 })),
  ].toSorted((a, b) => a.oid.length - b.oid.length);
  for (const { oid } of subtrees) {
    const object = tree.objects[tree.objectOf(oid)];
    if (object && object.oid.length < oid.length) {
      throw new RangeError(
        `Cannot use ${formatOid(oid)} in a view: it is an instance; ${object.name} is ${formatOid(object.oid)}`,
      );
    }
  }
  return Uint8Array.from(
    tree.objects,
    ({ oid }) => subtrees.findLast((subtree) => startsWith(oid, subtree.oid))?.seen ?? 0,
  );
}
