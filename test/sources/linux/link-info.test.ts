import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { UNTOLD_AGGREGATE, UNTOLD_PORT } from "#src/link/aggregate.js";
import { parseLink } from "#src/sources/linux/link-message.js";
import { BOND, bondInfo, kindInfo, LACP, masterIs, newLink, SLAVE, slaveInfo, slaveKindInfo } from "./bonds.ts";
import { attribute, concat, parseAll, words } from "./fixtures.ts";

const parse = (...parts: readonly Uint8Array[]) => parseAll(newLink("x0", 5, ...parts), parseLink)[0];

describe("a bond's message", () => {
  const nothing = { ...UNTOLD_AGGREGATE, kind: "bond" };

  test("says mode, active slave, primary and monitor", () => {
    const link = parse(bondInfo(BOND.mode(1), BOND.active(2), BOND.miimon(100), BOND.primary(3)));
    assert.equal(link?.kind, "bond");
    assert.deepEqual(link?.aggregate, {
      ...nothing,
      mode: "active-backup",
      monitor: "mii",
      activeIfindex: 2,
      primaryIfindex: 3,
    });
    assert.equal(link?.port, undefined);
  });

  test("says that nothing monitors its slaves, or that ARP does", () => {
    const monitor = (...data: readonly Uint8Array[]) => parse(bondInfo(...data))?.aggregate?.monitor;
    assert.equal(monitor(BOND.miimon(0), BOND.arpInterval(0)), "none");
    assert.equal(monitor(BOND.miimon(0), BOND.arpInterval(200)), "arp");
    assert.equal(monitor(BOND.mode(1)), undefined, "a kernel that tells neither");
  });

  test("says what LACP agreed on", () => {
    const lacp = [LACP.aggregator(2), LACP.ports(2), LACP.actorKey(15), LACP.partnerKey(9)];
    const link = parse(
      bondInfo(BOND.mode(4), BOND.minLinks(2), BOND.lacpRate(1), BOND.lacp(...lacp, LACP.partner("02:fc:ce:91:32:14"))),
    );
    assert.deepEqual(link?.aggregate, {
      ...nothing,
      mode: "802.3ad",
      activeAggregator: 2,
      actorKey: 15,
      partnerKey: 9,
      partnerLladdr: "02:fc:ce:91:32:14",
      lacpRate: "fast",
      minLinks: 2,
    });
  });

  test("without an active slave, without a partner, or of a mode yet to come has none", () => {
    assert.equal(parse(bondInfo(BOND.mode(1)))?.aggregate?.activeIfindex, undefined);
    const alone = parse(bondInfo(BOND.lacp(LACP.partner("00:00:00:00:00:00"))));
    assert.equal(alone?.aggregate?.partnerLladdr, undefined);
    assert.equal(parse(bondInfo(BOND.mode(42)))?.aggregate?.mode, undefined);
    assert.deepEqual(parse(bondInfo())?.aggregate, nothing);
  });

  test("a team says that it is one", () => {
    assert.deepEqual(parse(kindInfo("team"))?.aggregate, { ...nothing, kind: "team" });
  });
});

describe("a slave's message", () => {
  test("says its state in the bond", () => {
    const link = parse(
      masterIs(40),
      slaveInfo(
        SLAVE.state(1),
        SLAVE.mii(3),
        SLAVE.failures(7),
        SLAVE.permanent("02:1d:22:fd:7e:72"),
        SLAVE.queue(0),
        SLAVE.aggregator(2),
        SLAVE.actorState(63),
        SLAVE.partnerState(61),
      ),
    );
    assert.equal(link?.masterIfindex, 40);
    assert.equal(link?.kind, undefined);
    assert.deepEqual(link?.port, {
      ...UNTOLD_PORT,
      kind: "bond",
      role: "backup",
      miiStatus: "going back",
      linkFailures: 7n,
      permanentLladdr: "02:1d:22:fd:7e:72",
      aggregator: 2,
      actorState: 63,
      partnerState: 61,
    });
  });

  test("says each monitored state", () => {
    const status = (value: number) => parse(slaveInfo(SLAVE.mii(value)))?.port?.miiStatus;
    assert.deepEqual([0, 1, 2, 3, 4].map(status), ["up", "going down", "down", "going back", undefined]);
  });

  test("of a bridge is none of ours, of a team says no more than that", () => {
    assert.equal(parse(slaveKindInfo("bridge"))?.port, undefined);
    assert.equal(parse(slaveKindInfo("team"))?.port?.kind, "team");
    assert.equal(parse(slaveKindInfo("team"))?.port?.miiStatus, undefined);
  });

  test("does not take over what the message before it said", () => {
    const two = concat(newLink("a", 1, bondInfo(BOND.mode(4))), newLink("b", 2, kindInfo("team")), newLink("c", 3));
    const links = parseAll(two, parseLink);
    assert.deepEqual(
      links.map(({ aggregate }) => aggregate?.mode),
      ["802.3ad", undefined, undefined],
    );
    assert.equal(links[2]?.aggregate, undefined);
  });
});

test("hostile bytes in a bond's attributes break nothing", () => {
  const whole = newLink(
    "x0",
    5,
    bondInfo(BOND.mode(4), BOND.lacp(LACP.aggregator(1), LACP.partner("02:fc:ce:91:32:14"))),
    slaveInfo(SLAVE.state(0), SLAVE.mii(0), SLAVE.aggregator(1)),
  );
  const change = fc.record({ at: fc.integer({ min: 16, max: whole.length - 1 }), value: fc.nat(255) });
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 8 }), (changes) => {
      const bytes = Uint8Array.from(whole);
      for (const { at, value } of changes) bytes[at] = value;
      for (const link of parseAll(bytes, parseLink)) {
        const { aggregator } = link.port ?? {};
        assert.ok(aggregator === undefined || (aggregator >= 0 && aggregator <= 0xffff));
      }
    }),
  );
});

test("numbers too short for their type are not there", () => {
  const short = (type: number, bytes: number) => attribute(type, new Uint8Array(bytes));
  assert.equal(parse(slaveInfo(short(3, 2), short(6, 1), short(2, 0)))?.port?.linkFailures, undefined);
  assert.equal(parse(slaveInfo(short(6, 1)))?.port?.aggregator, undefined);
  assert.equal(parse(slaveInfo(short(2, 0)))?.port?.miiStatus, undefined);
  assert.equal(parse(bondInfo(attribute(2, words(9).subarray(0, 3))))?.aggregate?.activeIfindex, undefined);
});
