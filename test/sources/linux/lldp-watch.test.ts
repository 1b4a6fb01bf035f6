import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { LldpWatch } from "#src/sources/linux/lldp-watch.js";
import { scratch } from "../../support/scratch.ts";
import { aLink } from "../../support/snapshot.ts";

const ETH0 = aLink({ name: "eth0", ifindex: 1 }).attributes;
const CHASSIS = { id: [{ type: "mac", value: "00:00:5e:00:53:01" }], name: [{ value: "sw1" }] };
const HEARD = JSON.stringify({ lldp: [{ interface: [{ name: "eth0", via: "LLDP", chassis: [CHASSIS] }] }] });

test("lldpd that does not answer once is asked again as soon as if it had", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const client = join(scratch(t), "lldpcli");
  const answer = (script: string) => writeFileSync(client, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  answer(`echo '${HEARD}'`);
  const watch = new LldpWatch({ client, socket: undefined });
  t.after(() => watch.close());
  const systemName = () => watch.complete(ETH0).neighbour?.systemName;
  assert.equal(systemName(), undefined);
  let told = () => {};
  const news = (afterMs: number) =>
    new Promise<void>((resolve) => {
      told = resolve;
      t.mock.timers.tick(afterMs);
    });
  watch.open(
    () => told(),
    () => {},
  );
  await news(0);
  assert.deepEqual([watch.take(), systemName()], [[1], "sw1"]);
  answer("exit 1"); // it is being started anew
  await news(15_000);
  assert.deepEqual([watch.take(), systemName()], [[1], undefined]);
  answer(`echo '${HEARD}'`);
  await news(15_000);
  assert.deepEqual([watch.take(), systemName()], [[1], "sw1"]);
});
