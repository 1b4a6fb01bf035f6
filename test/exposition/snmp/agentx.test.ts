import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { MibContext } from "#src/exposition/snmp/mibs/mib-context.js";
import {
  AgentxError,
  HEADER_OCTETS,
  type Header,
  PayloadReader,
  PDU,
  PduWriter,
  readHeader,
} from "#src/exposition/snmp/protocol/agentx-pdu.js";
import { type Oid, oid } from "#src/exposition/snmp/protocol/oid.js";
import { agentTree, fullAccess } from "#src/exposition/snmp/view/agent-tree.js";
import { answerAgentx } from "#src/exposition/snmp/view/agentx-responder.js";
import { MibView } from "#src/exposition/snmp/view/mib-view.js";
import { registrations } from "#src/exposition/snmp/view/registrations.js";
import { aSnapshot, EXAMPLE } from "../../support/snapshot.ts";
import { facts } from "./facts.ts";

const tree = agentTree();
const mibView = new MibView(tree, new MibContext(EXAMPLE, facts()));
const IF_INDEX = "1.3.6.1.2.1.2.2.1.1";
const END_OF_MIB_VIEW = 130;

interface Range {
  readonly start: string;
  readonly include?: boolean;
  readonly end?: string;
}

function asked(type: number, ranges: readonly Range[], bulk?: readonly [number, number]): Buffer {
  const writer = new PduWriter();
  for (const number of bulk ?? []) writer.uint16(number);
  const name = (value: Oid, include = false) => {
    writer
      .uint8(value.length)
      .uint8(0)
      .uint8(include ? 1 : 0)
      .uint8(0);
    for (const part of value) writer.uint32(part);
  };
  for (const { start, include, end } of ranges) {
    name(oid(start), include);
    name(end === undefined ? [] : oid(end));
  }
  return Buffer.from(writer.finish({ type, session: 1, transaction: 2, packet: 3 }));
}

function answer(datagram: Buffer): Buffer | undefined {
  const header = readHeader(datagram);
  const payload = new PayloadReader(header, datagram.subarray(HEADER_OCTETS));
  const octets = answerAgentx(header, payload, mibView, fullAccess(tree));
  return octets && Buffer.from(octets);
}

interface Answered {
  readonly header: Header;
  readonly error: number;
  readonly index: number;
  readonly varbinds: readonly (readonly [string, number])[];
}

/** Names and types of a response. */
function read(octets: Buffer | undefined): Answered {
  assert.ok(octets);
  const header = readHeader(octets);
  assert.equal(header.length, octets.length - HEADER_OCTETS);
  let at = HEADER_OCTETS + 4;
  const error = octets.readUInt16BE(at);
  const index = octets.readUInt16BE(at + 2);
  const varbinds: [string, number][] = [];
  for (at += 4; at < octets.length; ) {
    const type = octets.readUInt16BE(at);
    const count = octets[at + 4] ?? 0;
    const name = Array.from({ length: count }, (_, i) => octets.readUInt32BE(at + 8 + 4 * i)).join(".");
    at += 8 + 4 * count;
    if (type === 4 || type === 64) at += 4 + Math.ceil(octets.readUInt32BE(at) / 4) * 4;
    else if (type === 6) at += 4 + 4 * (octets[at] ?? 0);
    else if (type === 70) at += 8;
    else if (type < 128) at += 4;
    varbinds.push([name, type]);
  }
  return { header, error, index, varbinds };
}

const names = ({ varbinds }: Answered) =>
  varbinds.map(([name, type]) => (type === END_OF_MIB_VIEW ? `${name} end` : name));

describe("a master agent that asks", () => {
  test("is answered in the same session, transaction and packet", () => {
    const { header, error, varbinds } = read(answer(asked(PDU.get, [{ start: `${IF_INDEX}.2` }])));
    assert.deepEqual([header.type, header.session, header.transaction, header.packet], [PDU.response, 1, 2, 3]);
    assert.deepEqual([error, varbinds], [0, [[`${IF_INDEX}.2`, 2]]]);
  });

  test("for what there is not, is told which kind of nothing", () => {
    const { varbinds } = read(answer(asked(PDU.get, [{ start: `${IF_INDEX}.99` }, { start: "1.3.9" }])));
    assert.deepEqual(
      varbinds.map(([, type]) => type),
      [129, 128],
    );
  });

  test("for a name of more than 128 sub-identifiers, is not answered", () => {
    const named = (count: number): Buffer => {
      const writer = new PduWriter().uint8(count).uint8(1).uint8(0).uint8(0);
      for (let i = 0; i < count; i++) writer.uint32(7);
      return Buffer.from(writer.uint32(0).finish({ type: PDU.get, session: 1, transaction: 2, packet: 3 }));
    };
    // The prefix stands for five: 1.3.6.1.1.
    assert.equal(read(answer(named(123))).varbinds[0]?.[0].split(".").length, 128);
    for (const count of [124, 252, 255]) assert.throws(() => answer(named(count)), AgentxError, String(count));
  });

  test("for the next, gets what lies in its range and nothing beyond", () => {
    const next = (range: Range) => names(read(answer(asked(PDU.getNext, [range]))));
    assert.deepEqual(next({ start: `${IF_INDEX}.2` }), [`${IF_INDEX}.3`]);
    assert.deepEqual(next({ start: `${IF_INDEX}.2`, include: true }), [`${IF_INDEX}.2`]);
    assert.deepEqual(next({ start: `${IF_INDEX}.2`, end: `${IF_INDEX}.3` }), [`${IF_INDEX}.2 end`]);
    assert.deepEqual(next({ start: `${IF_INDEX}.2`, end: `${IF_INDEX}.3.0` }), [`${IF_INDEX}.3`]);
    assert.deepEqual(next({ start: "2.1" }), ["2.1 end"]);
  });

  test("in bulk, gets N once and the others M times within their ranges", () => {
    const ranges = [
      { start: "1.3.6.1.2.1.1.1" },
      { start: IF_INDEX, end: `${IF_INDEX}.4` },
      { start: "1.3.6.1.2.1.2.2.1.2" },
    ];
    assert.deepEqual(names(read(answer(asked(PDU.getBulk, ranges, [1, 3])))), [
      "1.3.6.1.2.1.1.1.0",
      `${IF_INDEX}.2`,
      "1.3.6.1.2.1.2.2.1.2.2",
      `${IF_INDEX}.3`,
      "1.3.6.1.2.1.2.2.1.2.3",
      `${IF_INDEX}.3 end`,
      "1.3.6.1.2.1.2.2.1.2.4",
    ]);
  });

  test("in bulk for very much, gets as much as is of use", () => {
    const octets = answer(
      asked(
        PDU.getBulk,
        Array.from({ length: 30 }, () => ({ start: "1.3" })),
        [0, 65_535],
      ),
    );
    assert.ok(octets && octets.length > 10_000 && octets.length < 70_000, String(octets?.length));
  });

  test("to write, is refused", () => {
    assert.deepEqual(
      [PDU.testSet, PDU.commitSet, PDU.undoSet].map((type) => read(answer(asked(type, []))).error),
      [17, 14, 15],
    );
    assert.equal(answer(asked(PDU.cleanupSet, [])), undefined);
  });

  test("in the other byte order and with a prefix, is understood", () => {
    // GetNext of {prefix 2: 1.3.6.1.2}.1.2.2.1.1 with no end, little-endian.
    const payload = Buffer.from(
      "05020000 01000000 02000000 02000000 01000000 01000000 00000000".replaceAll(" ", ""),
      "hex",
    );
    const header = Buffer.from("01060000010000000200000003000000".concat("1c000000"), "hex");
    assert.deepEqual(names(read(answer(Buffer.concat([header, payload])))), [`${IF_INDEX}.2`]);
  });

  test("with octets that are none of AgentX, gets an error and no crash", () => {
    const original = asked(PDU.getBulk, [{ start: IF_INDEX, end: `${IF_INDEX}.4` }, { start: "1.3" }], [1, 5]);
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(original.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 }),
        fc.nat(original.length),
        (changes, end) => {
          const octets = Buffer.from(original.subarray(0, Math.max(end, HEADER_OCTETS)));
          for (const [at, octet] of changes) if (at < octets.length) octets[at] = octet;
          try {
            answer(octets);
          } catch (error) {
            assert.ok(error instanceof AgentxError, String(error));
          }
        },
      ),
      { numRuns: 2000, seed: 20_261 },
    );
  });
});

describe("a subagent registers", () => {
  const of = (mode: "merge" | "replace", snapshot = EXAMPLE) =>
    registrations(new MibContext(snapshot, facts()), mode).map(
      ({ subtree, rangeSubid, upper, priority }) => `${subtree.join(".")} ${rangeSubid} ${upper} ${priority}`,
    );

  test("all columns of each group's row beside the master's, and ifNumber before it", () => {
    const all = of("merge");
    assert.ok(all.includes("1.3.6.1.2.1.2.2.1.1.1000001 10 22 127"));
    assert.ok(all.includes("1.3.6.1.2.1.31.1.1.1.1.1000002 11 19 127"));
    assert.ok(all.includes("1.3.6.1.2.1.2.1 0 0 100"));
  });

  test("no row for a bond, which the master has already", () => {
    const snapshot = aSnapshot({
      groups: [{ name: "bond0", ifindex: 40, source: "bond", members: [{ device: "eth0" }] }],
      links: [{ name: "bond0", ifindex: 40 }],
    });
    assert.ok(of("merge", snapshot).every((one) => !one.includes(".40 ")));
  });

  test("whole tables when it stands in for the master's", () =>
    assert.ok(of("replace").includes("1.3.6.1.2.1.2 0 0 127")));
});
