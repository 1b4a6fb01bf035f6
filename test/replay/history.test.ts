/** Long histories from seeds: they are valid, so none of their lines is an error, and the state stays what the rules say. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Replay } from "#src/replay/replay.js";
import { History } from "./history.ts";

interface Dump {
  readonly grps: readonly Record<string, unknown>[];
  readonly illgrps: readonly {
    readonly ig_ipmp_ill: string;
    readonly ig_actif: readonly string[];
    readonly ig_cast_ill: string | null;
  }[];
  readonly ills: readonly {
    readonly ill: string;
    readonly ill_bound_cnt: number;
    readonly ill_bound_ipif: readonly string[];
    readonly ill_nom_cast: boolean;
  }[];
  readonly ipifs: readonly { readonly ipif: string; readonly ipif_bound_ill: string | null }[];
}

function checkDump({ illgrps, ills, ipifs }: Dump): void {
  const byName = new Map(ills.map((ill) => [ill.ill, ill]));
  for (const { ig_actif, ig_cast_ill } of illgrps) {
    const counts = ig_actif.map((name) => byName.get(name)?.ill_bound_cnt ?? Number.NaN);
    if (counts.length > 0) assert.ok(Math.max(...counts) - Math.min(...counts) <= 1, counts.join(" "));
    assert.equal(ig_cast_ill === null, ig_actif.length === 0);
    if (ig_cast_ill !== null) assert.ok(ig_actif.includes(ig_cast_ill) && byName.get(ig_cast_ill)?.ill_nom_cast);
  }
  for (const { ipif, ipif_bound_ill } of ipifs) {
    const holders = ills.filter((ill) => ill.ill_bound_ipif.includes(ipif)).map(({ ill }) => ill);
    assert.deepEqual(holders, ipif_bound_ill === null ? [] : [ipif_bound_ill]);
  }
}

describe("long histories", () => {
  for (const seed of [1, 2, 3, 4]) {
    test(`of seed ${seed} are valid and keep the rules`, () => {
      const history = new History(seed);
      const replay = new Replay(false);
      for (let line = 1; line <= 6000; line++) {
        const op = history.next();
        const answer = replay.next(op);
        assert.ok(!answer.includes('"error":') && !replay.ended, `${op}\n${answer}`);
        if (line % 100 === 0) checkDump((JSON.parse(replay.next('{"op":"dump"}')) as { result: Dump }).result);
      }
    });
  }

  test("give the same answers again", () => {
    const [first, second] = [0, 0].map(() => {
      const history = new History(99);
      const replay = new Replay(true);
      return Array.from({ length: 2000 }, () => replay.next(history.next()));
    });
    assert.deepEqual(first, second);
  });
});
