import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import fc from "fast-check";
import { UNTOLD_PORT } from "#src/link/aggregate.js";
import { parseBondingFile } from "#src/sources/linux/bonding-file.js";
import { root } from "../../support/root.ts";

const fileOf = (name: string) => readFileSync(root("test", "fixtures", "linux", `bonding-${name}.txt`), "utf8");
const NUMBERS: Readonly<Record<string, number>> = { eth0: 2, eth1: 3, e1: 4, e2: 5 };
const parse = (text: string) => parseBondingFile(text, (name) => NUMBERS[name]);

describe("/proc/net/bonding of an active-backup bond", () => {
  const { aggregate, ports } = parse(fileOf("active-backup"));

  test("names the active slave and the primary", () => {
    assert.equal(aggregate.mode, "active-backup");
    assert.equal(aggregate.activeIfindex, 2);
    assert.equal(aggregate.primaryIfindex, 2);
    assert.equal(aggregate.activeAggregator, undefined);
  });

  test("has a section for each slave", () => {
    assert.deepEqual([...ports.keys()], ["eth0", "eth1"]);
    assert.deepEqual(ports.get("eth1"), {
      ...UNTOLD_PORT,
      kind: "bond",
      role: "backup",
      miiStatus: "down",
      linkFailures: 3n,
      permanentLladdr: "02:ce:7c:39:59:d3",
    });
    assert.equal(ports.get("eth0")?.role, "active");
  });

  test("says what monitors the slaves", () => {
    const text = fileOf("active-backup");
    const interval = "MII Polling Interval (ms): 100";
    assert.equal(aggregate.monitor, "mii");
    assert.equal(parse(text.replace(interval, "MII Polling Interval (ms): 0")).aggregate.monitor, "none");
    const arp = "MII Polling Interval (ms): 0\nARP Polling Interval (ms): 200";
    assert.equal(parse(text.replace(interval, arp)).aggregate.monitor, "arp");
  });

  test("without an active slave or a primary says None", () => {
    const none = parse(fileOf("active-backup").replaceAll(/(Active Slave|Primary Slave): eth0/g, "$1: None"));
    assert.equal(none.aggregate.activeIfindex, undefined);
    assert.equal(none.aggregate.primaryIfindex, undefined);
    assert.equal(none.ports.get("eth0")?.role, "backup");
  });
});

describe("/proc/net/bonding of an 802.3ad bond", () => {
  const text = fileOf("802.3ad");

  test("says the active aggregator, the partner, and each slave's aggregator and LACP states", () => {
    const { aggregate, ports } = parse(text);
    assert.deepEqual(
      [aggregate.mode, aggregate.activeAggregator, aggregate.actorKey, aggregate.partnerKey, aggregate.partnerLladdr],
      ["802.3ad", 1, 15, 15, "02:fc:ce:91:32:14"],
    );
    const [e1, e2] = [ports.get("e1"), ports.get("e2")];
    assert.deepEqual([e1?.role, e1?.miiStatus, e1?.aggregator], [undefined, "up", 1]);
    assert.deepEqual([e1?.actorState, e1?.partnerState], [63, 63]);
    assert.deepEqual([e2?.aggregator, e2?.actorState, e2?.partnerState], [2, 69, 1]);
  });

  test("says each slave's partner, and whether an end has churned", () => {
    const e1 = parse(text).ports.get("e1");
    assert.deepEqual([e1?.partnerLladdr, e1?.partnerKey], ["02:fc:ce:91:32:14", 15]);
    assert.deepEqual([e1?.actorChurn, e1?.partnerChurn, e1?.actorChurnedCount], ["monitoring", "monitoring", 0n]);
    const given = text.replace("Actor Churn State: monitoring", "Actor Churn State: churned");
    assert.equal(parse(given).ports.get("e1")?.actorChurn, "churned");
    assert.equal(parse(text).ports.get("e2")?.partnerLladdr, undefined, "nobody has the MAC of zeros");
  });

  test("says the rate and the least number of links", () => {
    assert.deepEqual([parse(text).aggregate.lacpRate, parse(text).aggregate.minLinks], ["fast", 0]);
  });

  test("read without CAP_NET_ADMIN lacks what only root is shown, and nothing else", () => {
    const { ports } = parse(text.replaceAll(/^details (.*\n)( {4}.*\n)*/gm, ""));
    assert.deepEqual([ports.get("e2")?.aggregator, ports.get("e2")?.actorState], [2, undefined]);
  });

  test("without an active aggregator has none", () => {
    const { aggregate, ports } = parse(
      text
        .replace(/^Active Aggregator Info:\n(\t.*\n)*/m, "bond bond0 has no active aggregator\n")
        .replaceAll(/Aggregator ID: 2/g, "Aggregator ID: N/A"),
    );
    assert.equal(aggregate.activeAggregator, undefined);
    assert.deepEqual([ports.get("e1")?.aggregator, ports.get("e2")?.aggregator], [1, undefined]);
  });
});

test("each mode is known by what the kernel calls it there", () => {
  const names = [
    ["load balancing (round-robin)", "balance-rr"],
    ["fault-tolerance (active-backup) (fail_over_mac active)", "active-backup"],
    ["load balancing (xor)", "balance-xor"],
    ["fault-tolerance (broadcast)", "broadcast"],
    ["IEEE 802.3ad Dynamic link aggregation", "802.3ad"],
    ["transmit load balancing", "balance-tlb"],
    ["adaptive load balancing", "balance-alb"],
    ["something new", undefined],
  ] as const;
  for (const [name, mode] of names) assert.equal(parse(`Bonding Mode: ${name}\n`).aggregate.mode, mode, name);
});

/** Whoever takes time by the square of a line's length is not done with it before the test has run out of its own. */
test("a line of any length is read once", () => {
  const long = " ".repeat(1 << 20);
  const { aggregate } = parseBondingFile(`${long}\na: ${long}\rb\nMin links: 3\n`, () => undefined);
  assert.equal(aggregate.minLinks, 3);
});

test("any text is taken without a word", () => {
  const line = fc.oneof(
    fc.string(),
    fc.constantFrom(
      "Slave Interface: eth0",
      "Slave Interface:",
      "MII Status: up",
      "details actor lacp pdu:",
      ":",
      "\tx: 1",
    ),
  );
  fc.assert(fc.property(fc.array(line), (lines) => void parse(lines.join("\n"))));
  assert.deepEqual([...parse("").ports], []);
});
