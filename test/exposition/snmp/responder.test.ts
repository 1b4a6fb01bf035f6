import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { MibContext } from "#src/exposition/snmp/mibs/mib-context.js";
import { scalars, type Table } from "#src/exposition/snmp/mibs/mib-table.js";
import { BerReader, TAG } from "#src/exposition/snmp/protocol/ber-reader.js";
import { BerWriter } from "#src/exposition/snmp/protocol/ber-writer.js";
import { compareOids, oid } from "#src/exposition/snmp/protocol/oid.js";
import { ERROR, readPdu } from "#src/exposition/snmp/protocol/pdu.js";
import { agentTree, fullAccess, version1Access } from "#src/exposition/snmp/view/agent-tree.js";
import { type Access, MibTree, MibView } from "#src/exposition/snmp/view/mib-view.js";
import { respond } from "#src/exposition/snmp/view/responder.js";
import { EXAMPLE } from "../../support/snapshot.ts";
import { facts } from "./facts.ts";
import { pduOf, type Reply, type Request, readReplyPdu, type Varbind } from "./manager.ts";

const LARGE = 65_000;
const tree = agentTree();
const everything = fullAccess(tree);
const context = new MibContext(EXAMPLE, facts());

type Answer = Omit<Reply, "version" | "community">;

interface Setting {
  readonly mibView?: MibView;
  readonly access?: Access;
  readonly version1?: boolean;
  readonly limit?: number;
}

/** The reply, or undefined when there is none. */
function ask(input: Request, setting: Setting = {}): Answer | undefined {
  const asked = new BerWriter(65_536);
  pduOf(asked, input);
  const pdu = readPdu(new BerReader(asked.content().slice()));
  const ber = new BerWriter(65_536);
  const mibView = setting.mibView ?? new MibView(tree, context);
  const version1 = setting.version1 ?? false;
  const access =
    setting.access ?? (version1 ? version1Access(mibView.tree, fullAccess(mibView.tree)) : fullAccess(mibView.tree));
  const { varbinds } = respond(ber, pdu, mibView, { version1, access }, setting.limit ?? LARGE);
  if (varbinds === undefined) return undefined;
  assert.ok(ber.length <= (setting.limit ?? LARGE), "the reply is not longer than it may be");
  const answer = readReplyPdu(new BerReader(ber.content()));
  assert.equal(answer.varbinds.length, varbinds);
  return answer;
}

function answered(input: Request, setting: Setting = {}): Answer {
  const answer = ask(input, setting);
  assert.ok(answer, "there is a reply");
  return answer;
}

function walk(setting: Setting = {}): Varbind[] {
  const mibView = setting.mibView ?? new MibView(tree, context);
  const found: Varbind[] = [];
  for (let name = "1.3"; ; ) {
    const { varbinds, status } = answered({ type: TAG.getNextRequest, names: [name] }, { ...setting, mibView });
    const [next] = varbinds;
    if (setting.version1 && status === ERROR.noSuchName) return found;
    assert.equal(status, ERROR.noError);
    assert.ok(next);
    if (next.tag === TAG.endOfMibView) {
      assert.equal(next.name, name, "the end carries the name that was asked");
      return found;
    }
    found.push(next);
    name = next.name;
  }
}

const whole = walk();
const plain = (varbinds: readonly Varbind[]) =>
  varbinds.map(({ name, tag, content }) => `${name} ${tag} ${Buffer.from(content).toString("hex")}`);

describe("GETNEXT over the whole tree", () => {
  test("visits more than two hundred instances in strictly increasing order", () => {
    assert.ok(whole.length > 200, String(whole.length));
    for (const [i, { name }] of whole.entries()) {
      const before = whole[i - 1];
      if (before) assert.ok(compareOids(oid(before.name), oid(name)) < 0, `${before.name} before ${name}`);
    }
  });

  test("finds what GET of each instance finds", () => {
    const mibView = new MibView(tree, context);
    for (const varbind of whole) {
      assert.deepEqual(plain(answered({ names: [varbind.name] }, { mibView }).varbinds), plain([varbind]));
    }
  });

  test("finds what GETBULK finds, for any max-repetitions and any size of the reply", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 400 }), fc.integer({ min: 200, max: 3000 }), (second, limit) => {
        const mibView = new MibView(tree, context);
        const found: Varbind[] = [];
        for (let name = "0.0"; ; ) {
          const input = { type: TAG.getBulkRequest, first: 0, second, names: [name] };
          const { varbinds, status } = answered(input, { mibView, limit });
          assert.equal(status, ERROR.noError);
          const last = varbinds.at(-1);
          assert.ok(last, "a manager can go on");
          const more = varbinds.filter(({ tag }) => tag !== TAG.endOfMibView);
          found.push(...more);
          if (more.length < varbinds.length) break;
          name = last.name;
        }
        assert.deepEqual(plain(found), plain(whole));
      }),
      { numRuns: 40 },
    );
  });

  test("from any name finds the first instance behind it", () => {
    const names = whole.map(({ name }) => oid(name));
    const near = fc
      .tuple(
        fc.constantFrom(...names),
        fc.nat(12),
        fc.array(fc.integer({ min: 0, max: 0xffff_ffff }), { maxLength: 3 }),
      )
      .map(([name, cut, tail]) => [...name.slice(0, Math.max(2, name.length - cut)), ...tail]);
    const mibView = new MibView(tree, context);
    fc.assert(
      fc.property(near, (name) => {
        const expected = whole.find((varbind) => compareOids(oid(varbind.name), name) > 0);
        const [next] = answered({ type: TAG.getNextRequest, names: [name] }, { mibView }).varbinds;
        assert.equal(next?.name, expected?.name ?? name.join("."));
        assert.equal(next?.tag, expected?.tag ?? TAG.endOfMibView);
      }),
      { numRuns: 500 },
    );
  });
});

describe("GET", () => {
  const tagOf = (name: string) => answered({ names: [name] }).varbinds[0]?.tag;

  test("says whether the object or only the instance is missing", () => {
    assert.equal(tagOf("1.3.6.1.2.1.2.2.1.2.999"), TAG.noSuchInstance);
    assert.equal(tagOf("1.3.6.1.2.1.1.1"), TAG.noSuchInstance);
    assert.equal(tagOf("1.3.6.1.2.1.1.1.0.0"), TAG.noSuchInstance);
    assert.equal(tagOf("1.3.6.1.2.1.2.2.1"), TAG.noSuchObject);
    assert.equal(tagOf("2.100.3"), TAG.noSuchObject);
    assert.equal(tagOf("0.0"), TAG.noSuchObject);
  });

  test("of a counter that the source cannot provide finds no such object, and no zero", () => {
    assert.equal(tagOf("1.3.6.1.2.1.31.1.1.1.9.2"), TAG.noSuchObject);
    assert.equal(whole.filter(({ name }) => name.startsWith("1.3.6.1.2.1.31.1.1.1.9.")).length, 0);
  });

  test("of several answers in their order", () => {
    const { varbinds } = answered({ names: ["1.3.6.1.2.1.1.5.0", "1.3.9", "1.3.6.1.2.1.1.5.0"] });
    assert.deepEqual(
      varbinds.map(({ name }) => name),
      ["1.3.6.1.2.1.1.5.0", "1.3.9", "1.3.6.1.2.1.1.5.0"],
    );
  });

  test("of nothing answers with nothing", () => {
    const { status, varbinds, requestId } = answered({ names: [], requestId: -5 });
    assert.deepEqual([status, varbinds.length, requestId], [ERROR.noError, 0, -5]);
  });

  test("that does not fit is tooBig with nothing in it", () => {
    const { status, index, varbinds } = answered({ names: ["1.3.6.1.2.1.1.1.0"] }, { limit: 50 });
    assert.deepEqual([status, index, varbinds.length], [ERROR.tooBig, 0, 0]);
  });

  test("of which not even the error fits has no reply", () =>
    assert.equal(ask({ names: ["1.3.6.1.2.1.1.1.0"] }, { limit: 10 }), undefined));
});

describe("GETBULK", () => {
  const column = (n: number) => `1.3.6.1.2.1.2.2.1.${n}`;
  const bulk = (first: number, second: number, names: string[], setting: Setting = {}) =>
    answered({ type: TAG.getBulkRequest, first, second, names }, setting).varbinds;

  test("takes the first N once and the others M times, row by row", () => {
    const names = bulk(1, 2, ["1.3.6.1.2.1.1.3", column(1), column(2)]).map(({ name }) => name);
    assert.deepEqual(names, [
      "1.3.6.1.2.1.1.3.0",
      `${column(1)}.2`,
      `${column(2)}.2`,
      `${column(1)}.3`,
      `${column(2)}.3`,
    ]);
  });

  test("of ten columns and two repetitions has twenty varbinds", () =>
    assert.equal(bulk(0, 2, [1, 2, 3, 5, 6, 7, 8, 9, 10, 11].map(column)).length, 20));

  test("takes negative numbers for zero", () => {
    assert.equal(bulk(-1, 3, [column(1)]).length, 3);
    assert.equal(bulk(0, -1, [column(1)]).length, 0);
    assert.equal(bulk(1, -1, [column(1), column(2)]).length, 1);
  });

  test("with more non-repeaters than names is a GETNEXT of each", () =>
    assert.equal(bulk(9, 9, [column(1), column(2)]).length, 2));

  test("of 2^31 - 1 repetitions fills the reply and no more", () => {
    assert.ok(bulk(0, 2 ** 31 - 1, [column(1)], { limit: 1472 }).length > 20);
    const all = bulk(0, 2 ** 31 - 1, ["1.3"]);
    assert.equal(all.length, whole.length + 1);
    assert.equal(all.at(-1)?.tag, TAG.endOfMibView);
    assert.equal(all.at(-1)?.name, whole.at(-1)?.name);
  });

  test("goes on with endOfMibView in a column that ended while another has not", () => {
    const last = whole.at(-1)?.name ?? "";
    const varbinds = bulk(0, 3, [column(1), last, whole.at(-2)?.name ?? ""]);
    assert.deepEqual(
      varbinds.map(({ name, tag }) => [name, tag === TAG.endOfMibView]),
      [
        [`${column(1)}.2`, false],
        [last, true],
        [last, false],
        [`${column(1)}.3`, false],
        [last, true],
        [last, true],
        [`${column(1)}.4`, false],
        [last, true],
        [last, true],
      ],
    );
  });

  test("of which nothing fits is tooBig", () =>
    assert.equal(
      answered({ type: TAG.getBulkRequest, second: 5, names: ["1.3"] }, { limit: 45 }).status,
      ERROR.tooBig,
    ));
});

describe("SET", () => {
  const status = (name: string, setting: Setting = {}) => {
    const { status, index, varbinds } = answered({ type: TAG.setRequest, names: [name] }, setting);
    assert.equal(varbinds.length, 1, "the varbinds come back");
    return [status, index];
  };

  test("of what there is: not writable; of what there is not: no access", () => {
    assert.deepEqual(status("1.3.6.1.2.1.1.5.0"), [ERROR.notWritable, 1]);
    assert.deepEqual(status("1.3.6.1.2.1.2.2.1.7.2"), [ERROR.notWritable, 1]);
    assert.deepEqual(status("1.3.6.1.4.1.9.1"), [ERROR.noAccess, 1]);
  });

  test("in version 1: no such name", () =>
    assert.deepEqual(status("1.3.6.1.2.1.1.5.0", { version1: true }), [ERROR.noSuchName, 1]));
});

describe("a manager of version 1", () => {
  const version1 = true;

  test("walks past every Counter64", () => {
    const seen = walk({ version1 });
    assert.equal(seen.filter(({ tag }) => tag === TAG.counter64).length, 0);
    assert.deepEqual(plain(seen), plain(whole.filter(({ tag }) => tag !== TAG.counter64)));
  });

  test("gets noSuchName with the index of the first name that is missing, and its question back", () => {
    const names = ["1.3.6.1.2.1.1.5.0", "1.3.6.1.2.1.31.1.1.1.6.2", "1.3.9"];
    const { status, index, varbinds } = answered({ names }, { version1 });
    assert.deepEqual([status, index], [ERROR.noSuchName, 2]);
    assert.deepEqual(
      varbinds.map(({ name, tag }) => [name, tag]),
      names.map((name) => [name, TAG.null]),
    );
  });

  test("gets tooBig with its question back, or nothing when that does not fit", () => {
    const names = ["1.3.6.1.2.1.1.1.0"];
    const { status, index, varbinds } = answered({ names }, { version1, limit: 50 });
    assert.deepEqual([status, index, varbinds.length], [ERROR.tooBig, 0, 1]);
    assert.equal(ask({ names }, { version1, limit: 30 }), undefined);
  });
});

describe("an object that fails", () => {
  const broken: Table = scalars("broken", oid("1.3.6.1.9"), [
    { number: 1, name: "good", syntax: "Integer32", value: () => 1 },
    {
      number: 2,
      name: "bad",
      syntax: "Integer32",
      value: () => {
        throw new Error("no reading");
      },
    },
  ]);
  const small = new MibTree([broken]);

  test("is genErr with its index, in every version", () => {
    for (const version1 of [false, true]) {
      const names = ["1.3.6.1.9.1.0", "1.3.6.1.9.2.0"];
      const mibView = new MibView(small, context);
      const { status, index, varbinds } = answered({ names }, { mibView, version1 });
      assert.deepEqual([status, index, varbinds.length], [ERROR.genErr, 2, 2]);
    }
  });

  test("is named in the failure", () => {
    const asked = new BerWriter(1000);
    pduOf(asked, { type: TAG.getBulkRequest, second: 3, names: ["1.3"] });
    const pdu = readPdu(new BerReader(asked.content()));
    const audience = { version1: false, access: fullAccess(small) };
    const { failure } = respond(new BerWriter(1000), pdu, new MibView(small, context), audience, 1000);
    assert.match(failure?.message ?? "", /Cannot get the value of bad: no reading/);
  });
});

test("what may not be seen does not exist", () => {
  const access = everything.map((_, at) => (tree.objects[at]?.name.startsWith("if") ? 0 : 1));
  assert.equal(answered({ names: ["1.3.6.1.2.1.2.1.0"] }, { access }).varbinds[0]?.tag, TAG.noSuchObject);
  assert.ok(
    walk({ access }).every(({ name }) => !name.startsWith("1.3.6.1.2.1.2.") && !name.startsWith("1.3.6.1.2.1.31.")),
  );
});

test("two objects may not share an identifier", () => {
  const one = scalars("one", oid("1.3.6.1.9"), [{ number: 1, name: "a", syntax: "Integer32", value: () => 1 }]);
  const other = scalars("other", oid("1.3.6.1.9.1"), [{ number: 2, name: "b", syntax: "Integer32", value: () => 1 }]);
  assert.throws(() => new MibTree([one, other]), /a and b share an object identifier/);
});
