/** PDUs of a master agent, right ones and changed ones, for the part that reads and answers them. */

import assert from "node:assert/strict";
import {
  AgentxError,
  HEADER_OCTETS,
  PayloadReader,
  PDU,
  PduWriter,
  readHeader,
} from "#src/exposition/snmp/protocol/agentx-pdu.js";
import { agentTree, fullAccess } from "#src/exposition/snmp/view/agent-tree.js";
import { answerAgentx } from "#src/exposition/snmp/view/agentx-responder.js";
import { MibViews } from "#src/exposition/snmp/view/mib-view.js";
import { facts } from "../exposition/snmp/facts.ts";
import { EXAMPLE } from "../support/snapshot.ts";
import { changed, type FuzzTarget, type Random } from "./target.ts";

const NAMES = [
  [1, 3],
  [1, 3, 6, 1, 2, 1, 2, 2, 1, 2, 1],
  [1, 3, 6, 1, 2, 1, 31],
  [1, 3, 6, 1, 4, 1, 8072, 9999, 9999, 10191],
  [],
];

export class AgentxTarget implements FuzzTarget {
  readonly #tree = agentTree();
  readonly #view = new MibViews(this.#tree, facts({ merged: true })).of(EXAMPLE);
  readonly #originals: readonly Uint8Array[] = [PDU.get, PDU.getNext, PDU.getBulk, PDU.testSet, PDU.response].flatMap(
    (type) => NAMES.map((name) => pduOf(type, name)),
  );
  #answered = 0;

  make(random: Random): Uint8Array {
    return changed(this.#originals, random);
  }

  take(input: Uint8Array): void {
    if (input.length < HEADER_OCTETS) return;
    let answer: Uint8Array | undefined;
    try {
      const header = readHeader(input);
      answer = answerAgentx(
        header,
        new PayloadReader(header, input.subarray(HEADER_OCTETS)),
        this.#view,
        fullAccess(this.#tree),
      );
    } catch (error) {
      assert.ok(error instanceof AgentxError, String(error));
      return;
    }
    if (answer === undefined) return;
    this.#answered++;
    const header = readHeader(answer);
    assert.equal(header.type, PDU.response);
    assert.equal(answer.length, HEADER_OCTETS + header.length, "the length that it says");
  }

  summary(): string {
    return `${this.#answered} answered`;
  }
}

function pduOf(type: number, name: readonly number[]): Uint8Array {
  const writer = new PduWriter();
  if (type === PDU.getBulk) writer.uint16(0).uint16(10);
  writer.objectIdentifier(name).objectIdentifier([]);
  return writer.finish({ type, session: 1, transaction: 2, packet: 3 });
}
