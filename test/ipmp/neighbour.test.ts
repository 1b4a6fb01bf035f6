/** Neighbour records of the meta-interface and the members' handles on them. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Ill } from "#src/ipmp/ill.js";
import {
  NCE_F_MYADDR,
  Ncec,
  type NdState,
  nceAdd,
  ncecAdd,
  ncecDeleteNonlocal,
  ncecFastpath,
  ncecFlushNce,
} from "#src/ipmp/neighbour.js";
import { phyintRefreshActive } from "#src/ipmp/refresh.js";
import { Lan, present, up } from "./lan.ts";

function record(id: string, ill: Ill, addr = "192.0.2.99", state: NdState = "ND_REACHABLE", flags = 0): Ncec {
  const ncec = new Ncec(id, ill, addr, "02:ff:00:00:00:99", flags, state);
  ncecAdd(ncec);
  return ncec;
}

/** A active, B not. */
function oneActive() {
  const lan = new Lan();
  const group = lan.group("ipmp0");
  const active = lan.member("A", group);
  const idle = lan.member("B", group);
  up(lan.ipif("A0", present(active.v4)));
  phyintRefreshActive(active);
  lan.effects.take();
  return { lan, meta: present(group.phyint.v4), active: present(active.v4), idle: present(idle.v4) };
}

describe("neighbours", () => {
  test("ncecDeleteNonlocal spares our own addresses and other ills' records", () => {
    const { lan, active, idle } = oneActive();
    ncecDeleteNonlocal(undefined, active);
    ncecDeleteNonlocal(record("own", active, "192.0.2.1", "ND_REACHABLE", NCE_F_MYADDR), active);
    ncecDeleteNonlocal(record("other", idle), active);
    assert.deepEqual(lan.effects.take(), []);
    ncecDeleteNonlocal(record("theirs", active), active);
    assert.deepEqual(lan.effects.take(), ["ncec_delete theirs"]);
    assert.deepEqual(
      Array.from(active.ncecs, ({ id }) => id),
      ["own"],
    );
  });

  test("ncecFlushNce drops every member's handle on that very record, active or not", () => {
    const { lan, meta, active, idle } = oneActive();
    const old = record("old", meta);
    const recent = record("recent", meta);
    nceAdd(active, old);
    nceAdd(idle, recent);
    ncecFlushNce(recent);
    assert.deepEqual(lan.effects.take(), ["nce_delete B 192.0.2.99"]);
    ncecFlushNce(old);
    assert.deepEqual(lan.effects.take(), ["nce_delete A 192.0.2.99"]);
    nceAdd(active, record("member's", active));
    ncecFlushNce(record("member's too", active));
    assert.deepEqual(lan.effects.take(), []);
  });

  test("ncecFastpath makes the active members' handles again, also those on an older record, and leaves the idle alone", () => {
    const { lan, meta, active, idle } = oneActive();
    const old = record("old", meta);
    meta.ncecs.delete(old);
    const recent = record("recent", meta);
    nceAdd(active, old);
    nceAdd(idle, old);
    ncecFastpath(recent);
    assert.deepEqual(lan.effects.take(), ["nce_delete A 192.0.2.99", "nce_add A 192.0.2.99 02:ff:00:00:00:99"]);
    assert.equal(active.nces[0]?.common, recent);
    assert.equal(idle.nces[0]?.common, old);
  });

  test("ncecFastpath leaves no handle when making it again fails, and makes none where there was none", () => {
    const { lan, meta, active } = oneActive();
    const ncec = record("n", meta);
    ncecFastpath(ncec);
    assert.deepEqual(lan.effects.take(), []);
    nceAdd(active, ncec);
    lan.effects.failing.push("nce_lookup_then_add");
    ncecFastpath(ncec);
    assert.deepEqual(active.nces, []);
  });

  test("ncecFastpath looks only at reachable records", () => {
    const { lan, meta, active } = oneActive();
    const reachable = { ND_REACHABLE: 1, ND_STALE: 1, ND_DELAY: 1, ND_PROBE: 1 };
    const not = { ND_INCOMPLETE: 0, ND_UNREACHABLE: 0, ND_INITIAL: 0 };
    const ncec = record("n", meta);
    nceAdd(active, ncec);
    for (const [state, deletions] of Object.entries({ ...reachable, ...not })) {
      ncec.state = state as NdState; // the keys above
      ncecFastpath(ncec);
      assert.equal(lan.effects.take().filter((line) => line.startsWith("nce_delete")).length, deletions, state);
    }
  });
});
