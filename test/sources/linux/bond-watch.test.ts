import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, type TestContext, test } from "node:test";
import type { LinkAttributes } from "#src/link/link-attributes.js";
import { BondWatch } from "#src/sources/linux/bond-watch.js";
import { A_PORT, NO_AGGREGATE } from "../../support/fake-bond.ts";
import { root } from "../../support/root.ts";
import { aLink } from "../../support/snapshot.ts";

const FILE = readFileSync(root("test", "fixtures", "linux", "bonding-802.3ad.txt"), "utf8");

/** A watch over a tree of /proc with one bond, whose file a test can replace. */
function watching(context: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), "ipmp-exporter-proc-"));
  context.after(() => rmSync(folder, { recursive: true }));
  const bonding = join(folder, "self", "net", "bonding");
  mkdirSync(bonding, { recursive: true });
  const says = (text: string | Uint8Array) => writeFileSync(join(bonding, "bond0"), text);
  says(FILE);
  return { watch: new BondWatch(folder), says };
}

function link(name: string, ifindex: number, more: Partial<LinkAttributes>): LinkAttributes {
  return { ...aLink({ name, ifindex }).attributes, ...more };
}

const SLAVE = link("e1", 4, { masterIfindex: 9, port: { ...A_PORT, aggregator: 1, actorState: 63 } });

describe("links of an LACP bond", () => {
  test("are told with what only the file says", (context) => {
    const { port } = watching(context).watch.complete(SLAVE);
    assert.deepEqual([port?.partnerLladdr, port?.partnerKey], ["02:fc:ce:91:32:14", 15]);
    assert.deepEqual([port?.actorChurn, port?.actorChurnedCount], ["monitoring", 0n]);
    assert.equal(port?.actorState, 63, "netlink's own words stay");
  });

  test("are told as they are where the file is hidden or does not know them", (context) => {
    assert.deepEqual(new BondWatch("/nonexistent").complete(SLAVE), SLAVE);
    const other = { ...SLAVE, name: "e9" };
    assert.deepEqual(watching(context).watch.complete(other), other);
  });

  test("are found by names that are no UTF-8", (context) => {
    const { watch, says } = watching(context);
    says(Buffer.from(FILE.replace("Slave Interface: e1", "Slave Interface: b\u00fcro"), "latin1"));
    assert.equal(watch.complete({ ...SLAVE, name: "b\\xfcro" }).port?.partnerKey, 15);
  });

  test("are asked for again, the bond too, until they are gone or in no such bond any more", (context) => {
    const { watch } = watching(context);
    watch.complete(link("bond0", 9, { aggregate: { ...NO_AGGREGATE, mode: "802.3ad" } }));
    watch.complete(SLAVE);
    watch.complete(link("eth7", 7, {}));
    assert.deepEqual(watch.watched, [9, 4]);
    watch.complete({ ...SLAVE, port: undefined });
    watch.forget(9);
    assert.deepEqual(watch.watched, []);
  });

  test("are asked for again while they have no aggregator yet, in whatever order they are told", (context) => {
    const { watch } = watching(context);
    const newcomer = { ...SLAVE, port: A_PORT };
    watch.complete(newcomer);
    assert.deepEqual(watch.watched, [4], "its bond is not known");
    watch.complete(link("bond0", 9, { aggregate: { ...NO_AGGREGATE, mode: "802.3ad" } }));
    assert.deepEqual(watch.watched, [4, 9]);
    watch.complete(newcomer);
    assert.deepEqual(watch.watched, [4, 9]);
    watch.complete(link("bond0", 9, { aggregate: { ...NO_AGGREGATE, mode: "active-backup" } }));
    assert.deepEqual(watch.watched, []);
  });

  test("are news when netlink says something else, or the file does once it is read again", (context) => {
    const { watch, says } = watching(context);
    watch.complete(SLAVE);
    assert.equal(watch.isNews(SLAVE), false);
    assert.equal(watch.isNews({ ...SLAVE, port: { ...A_PORT, aggregator: 1, actorState: 69 } }), true);
    says(FILE.replace("Actor Churn State: monitoring", "Actor Churn State: churned"));
    assert.equal(watch.isNews(SLAVE), false, "it has been read already");
    watch.refresh();
    assert.equal(watch.isNews(SLAVE), true);
    assert.equal(watch.complete(SLAVE).port?.actorChurn, "churned");
    assert.equal(watch.isNews(SLAVE), false);
  });
});

describe("a slave in any other mode", () => {
  const carrier = (running: boolean, miiStatus: "up" | "down") =>
    link("eth0", 2, { running, masterIfindex: 9, port: { ...A_PORT, miiStatus } });

  test("is asked for again while its bond has not followed the carrier: a delay may run, which nobody announces", () => {
    const watch = new BondWatch("/nonexistent");
    watch.complete(link("bond0", 9, { aggregate: { ...NO_AGGREGATE, mode: "active-backup" } }));
    watch.complete(carrier(true, "up"));
    assert.deepEqual(watch.watched, []);
    watch.complete(carrier(true, "down"));
    assert.deepEqual(watch.watched, [2]);
    watch.complete(carrier(false, "up"));
    assert.deepEqual(watch.watched, [2]);
    watch.complete(carrier(false, "down"));
    assert.deepEqual(watch.watched, []);
  });
});
