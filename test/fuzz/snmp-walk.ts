/** All rows of an agent, as a manager finds them who walks it: what its answers are compared with from then on. */

import assert from "node:assert/strict";
import { request } from "../exposition/snmp/manager.ts";
import type { Row } from "./snmp-judge.ts";
import { communityMessage, compare, type Oid, TAG } from "./snmp-octets.ts";

/** Three walks, so that what changes by asking is known: the counters of the agent itself. */
export function walked(ask: (question: Uint8Array) => Buffer | undefined): readonly Row[] {
  const rows = walk(ask);
  walk(ask);
  const later = walk(ask);
  assert.ok(rows.length > 300 && later.length === rows.length, "the table has rows to walk");
  return rows.map((row, index) => ({ ...row, moves: !later[index]?.octets.equals(row.octets) }));
}

/** By GETNEXT, from the first to the end. */
function walk(ask: (question: Uint8Array) => Buffer | undefined): Row[] {
  const rows: Row[] = [];
  for (let name: Oid = [1, 3]; ; ) {
    const answer = ask(request({ type: TAG.getNext, names: [[...name]] })) ?? assert.fail("a walk is not answered");
    const [binding] = communityMessage(answer).pdu.varbinds;
    if (!binding || binding.value.tag === TAG.endOfMibView) return rows;
    assert.ok(compare(binding.name, name) > 0, "a walk goes on");
    name = binding.name;
    rows.push({ name, tag: binding.value.tag, octets: Buffer.from(binding.value.octets), moves: false });
  }
}
