/** The program with devices that it polls: groups over several of them, what they say when one does not answer, and after a restart. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, type TestContext, test } from "node:test";
import { program } from "../cli/program.ts";
import { FakeDevice, type FakeInterface } from "../support/fake-device.ts";
import { Program } from "../support/program.ts";
import { eventually } from "../support/wait.ts";

const TOTAL = 'ipmp_group_receive_bytes_total{group="core"}';
const state = (name: string) => `ipmp_group_state{group="core",state="${name}"}`;

/** Two chassis with a link each, which make a group. */
async function twoChassis(t: TestContext, more: Readonly<Record<string, string>> = {}) {
  const devices = [await FakeDevice.start(t), await FakeDevice.start(t)] as const;
  const links = devices.map((device, n) => {
    const link = device.add(10 + n, "Ethernet1/49");
    link.inOctets = 1_000_000n * BigInt(n + 1);
    return link;
  });
  const settings = Object.entries({ kind: "snmp", interval: "500ms", timeout: "200ms", failures: "2", ...more });
  const sources = devices.map(({ target }, n) =>
    [`name: sw${n + 1}`, `target: "${target}"`, ...settings.map(([key, value]) => `${key}: ${value}`)].join(", "),
  );
  const config = `sources: [${sources.map((source) => `{ ${source} }`).join(", ")}]
groups:
  - name: core
    interfaces: [{ source: sw1, device: Ethernet1/49 }, { source: sw2, device: Ethernet1/49 }]
`;
  const [sw1, sw2] = links;
  assert.ok(sw1 && sw2);
  return { devices, sw1, sw2, config };
}

/** The folder of a program that has counted ten octets of this link, and was stopped. */
async function afterTenOctets(t: TestContext, config: string, link: FakeInterface): Promise<string> {
  const program = await Program.start(t, { config });
  await program.until(state("ok"), "1");
  link.inOctets += 10n;
  await program.until(TOTAL, "10");
  const { folder } = program;
  await program.stop();
  return folder;
}

/** Fails when the group's total ever falls. */
async function watched(t: TestContext, program: () => Program) {
  let last = 0n;
  let running = true;
  const falls: string[] = [];
  const done = (async () => {
    while (running) {
      const now = await program()
        .metrics()
        .then((samples) => samples.get(TOTAL))
        .catch(() => undefined);
      if (now !== undefined && BigInt(now) < last) falls.push(`${last} → ${now}`);
      if (now !== undefined) last = BigInt(now);
    }
  })();
  const stop = async () => {
    running = false;
    await done;
    assert.deepEqual(falls, []);
  };
  t.after(() => {
    running = false;
  });
  return stop;
}

describe("a group with a link on each of two chassis", () => {
  test("counts what both carry from the moment they are first seen", async (t) => {
    const { sw1, sw2, config } = await twoChassis(t);
    const program = await Program.start(t, { config });
    await program.until(state("ok"), "1");
    const stop = await watched(t, () => program);
    sw1.inOctets += 70n;
    sw2.inOctets += 7n;
    await program.until(TOTAL, "77");
    const samples = await program.metrics();
    const member = (metric: string, source: string) =>
      samples.get(`${metric}{group="core",device="Ethernet1/49",source="${source}"}`);
    assert.equal(member("ipmp_member_receive_bytes_total", "sw1"), "70");
    assert.equal(member("ipmp_member_receive_bytes_total", "sw2"), "7");
    assert.equal(samples.get('ipmp_source_up{source="sw1",kind="snmp"}'), "1");
    await stop();
  });

  test("is degraded when one does not answer, keeps what it carried, and counts on when it answers again", async (t) => {
    const { devices, sw1, sw2, config } = await twoChassis(t);
    const program = await Program.start(t, { config });
    await program.until(state("ok"), "1");
    const stop = await watched(t, () => program);
    sw2.inOctets += 5n;
    await program.until(TOTAL, "5");
    devices[1].misbehave = () => undefined;
    await program.until(state("degraded"), "1");
    await program.logged("device=sw2:Ethernet1/49", "to=failed", "no answer");
    sw1.inOctets += 100n;
    sw2.inOctets += 20n;
    await program.until(TOTAL, "105");
    assert.equal((await program.metrics()).get('ipmp_source_up{source="sw2",kind="snmp"}'), "0");
    devices[1].misbehave = undefined;
    await program.until(state("ok"), "1");
    await program.until(TOTAL, "125");
    await stop();
  });

  test("goes on after a restart of the program, also while a device does not answer", async (t) => {
    const { devices, sw1, sw2, config } = await twoChassis(t);
    const first = await Program.start(t, { config });
    await first.until(state("ok"), "1");
    sw1.inOctets += 10n;
    sw2.inOctets += 20n;
    await first.until(TOTAL, "30");
    const { folder } = first;
    await first.stop();
    devices[1].misbehave = () => undefined;
    sw1.inOctets += 100n;
    sw2.inOctets += 200n;
    const second = await Program.start(t, { config, folder });
    await second.until(TOTAL, "130");
    devices[1].misbehave = undefined;
    await second.until(TOTAL, "330");
    await second.until(state("ok"), "1");
    const left = second.log.filter((line) => line.includes("member left"));
    assert.deepEqual(left, []);
  });

  test("neither falls nor jumps when a device was started anew meanwhile", async (t) => {
    const { devices, sw1, sw2, config } = await twoChassis(t);
    const program = await Program.start(t, { config });
    await program.until(state("ok"), "1");
    const stop = await watched(t, () => program);
    sw1.inOctets += 10n;
    sw2.inOctets += 20n;
    await program.until(TOTAL, "30");
    devices[0].startedMs = Date.now() - 50_000;
    sw1.inOctets = 5_000_000n;
    await program.logged("device=sw1:Ethernet1/49", "reason=reboot");
    sw1.inOctets += 3n;
    await program.until(TOTAL, "33");
    const { folder } = program;
    await program.stop();
    await stop();
    devices[0].startedMs = Date.now() - 25_000;
    sw1.inOctets = 9_000_000n;
    sw2.inOctets += 100n;
    const second = await Program.start(t, { config, folder });
    await second.logged("device=sw1:Ethernet1/49", "reason=reboot");
    await second.until(TOTAL, "133");
    sw1.inOctets += 1n;
    await second.until(TOTAL, "134");
  });

  test("is well under another name of one of them after a restart, and keeps what was counted", async (t) => {
    const { sw1, config } = await twoChassis(t);
    const folder = await afterTenOctets(t, config, sw1);
    const second = await Program.start(t, { config: config.replaceAll("sw1", "chassis1"), folder });
    await second.until(state("ok"), "1");
    sw1.inOctets += 5n;
    await second.until(TOTAL, "15");
  });

  test("takes 32-bit counters that pass their top for what they are", async (t) => {
    const { sw1, sw2, config } = await twoChassis(t, { version: "1" });
    sw1.inOctets = (1n << 32n) - 10n;
    sw1.highSpeed = 1_000;
    const program = await Program.start(t, { config });
    await program.until(state("ok"), "1");
    sw1.inOctets += 1_000_000n;
    sw2.inOctets += 1n;
    await program.until(TOTAL, "1000001");
    assert.ok(![...(await program.metrics()).keys()].some((name) => name.startsWith("ipmp_discontinuities_total{")));
  });
});

test("no secret of a device is said anywhere", async (t) => {
  const device = await FakeDevice.start(t);
  device.community = "S3cretMarker";
  device.add(1, "eth0");
  const config = `sources: [{ name: sw1, kind: snmp, target: "${device.target}", community: S3cretMarker, interval: 500ms }]
groups: [{ name: core, interfaces: [{ source: sw1, device: eth0 }] }]
`;
  const program = await Program.start(t, { config, args: ["--log.level=debug"] });
  await program.until(state("ok"), "1");
  device.community = "another";
  await program.until('ipmp_source_up{source="sw1",kind="snmp"}', "0");
  const pages = [
    "/",
    "/metrics",
    "/api/v1/status",
    "/api/v1/groups",
    "/api/v1/links",
    "/api/v1/events",
    "/groups/core",
  ];
  const texts = await Promise.all(pages.map(async (path) => (await program.get(path)).body));
  await eventually(
    () => program.log.some((line) => line.includes("community may be wrong")),
    () => program.log.join("\n"),
  );
  for (const text of [...texts, ...program.log]) assert.ok(!text.includes("S3cretMarker"), text);
});

describe("counters that a device does not have", () => {
  const MULTICAST = "receive_multicast_packets_total";

  test("are absent: of the member, and of a group in which nobody has them", async (t) => {
    const { devices, sw1, config } = await twoChassis(t);
    devices[0].hasIfXTable = false;
    sw1.descr = "Ethernet1/49";
    devices[0].add(20, "").descr = "uplink";
    const more = `${config}  - { name: alone, interfaces: [{ source: sw1, device: uplink }] }\n`;
    const program = await Program.start(t, { config: more });
    await program.until(state("ok"), "1");
    await program.until('ipmp_group_state{group="alone",state="ok"}', "1");
    const samples = await program.metrics();
    const ofMember = (source: string, metric = MULTICAST) =>
      samples.get(`ipmp_member_${metric}{group="core",device="Ethernet1/49",source="${source}"}`);
    assert.equal(ofMember("sw1", "receive_packets_total"), "0");
    assert.equal(ofMember("sw1"), undefined);
    assert.equal(ofMember("sw2"), "0");
    assert.equal(samples.get(`ipmp_group_${MULTICAST}{group="core"}`), "0", "sw2 has them");
    assert.equal(samples.get(`ipmp_group_${MULTICAST}{group="alone"}`), undefined);
    const { groups } = JSON.parse((await program.get("/api/v1/groups")).body);
    const alone = groups.find(({ name }: { readonly name: string }) => name === "alone");
    assert.equal(alone.kstats.multircv, null);
    assert.equal(alone.members[0].link_kstat.multircv, null);
    assert.equal(alone.members[0].link_kstat.ipackets64, "0");
    const { links } = JSON.parse((await program.get("/api/v1/links")).body);
    const uplink = links.find(({ name }: { readonly name: string }) => name === "uplink");
    assert.equal(uplink.link_kstat.multircv, undefined, "as a kstat has no statistic that is not there");
    assert.equal(uplink.link_kstat.ipackets64, "0");
  });

  test("stay absent over a restart, and those that come later are counted from then on", async (t) => {
    const { devices, sw1, config } = await twoChassis(t);
    devices[0].hasIfXTable = false;
    sw1.descr = "Ethernet1/49";
    const folder = await afterTenOctets(t, config, sw1);
    const second = await Program.start(t, { config, folder });
    await second.until('ipmp_source_up{source="sw1",kind="snmp"}', "1");
    const series = `ipmp_member_${MULTICAST}{group="core",device="Ethernet1/49",source="sw1"}`;
    assert.equal((await second.metrics()).get(series), undefined);
    await second.stop();
    devices[0].hasIfXTable = true;
    const third = await Program.start(t, { config, folder });
    await third.until(series, "0");
    assert.equal((await third.metrics()).get(TOTAL), "10");
  });
});

test("commands for people name links with their source, so that links of one name stay two", async (t) => {
  const { config } = await twoChassis(t);
  const running = await Program.start(t, { config });
  await running.until(state("ok"), "1");
  const socket = `--control.socket=${join(running.folder, "control.sock")}`;
  const ask = async (...args: readonly string[]) => (await program([...args, socket])).stdout;
  for (const command of [
    ["status", "core"],
    ["ipmpstat", "-g"],
    ["ipmpstat", "-i"],
  ]) {
    const text = await ask(...command);
    for (const label of ["sw1:Ethernet1/49", "sw2:Ethernet1/49"]) assert.ok(text.includes(label), text);
  }
  const nominee = (await ask("ipmpstat", "-P", "-o", "interface,flags", "-i")).trim().split("\n");
  assert.equal(nominee.filter((line) => line.includes("mb")).length, 1, nominee.join("\n"));
  const cast = [...(await running.metrics()).keys()].filter((name) => name.startsWith("ipmp_group_cast_device{"));
  assert.ok(cast.length > 0);
  for (const name of cast) assert.match(name, /device="Ethernet1\/49",source="sw[12]"/);
  const kstats = (await ask("kstat", "-p", "link:::rbytes64")).trim().split("\n");
  assert.deepEqual(
    kstats.filter((line) => line.includes("Ethernet1/49")).map((line) => line.split(":")[1]),
    ["1", "2"],
    "the instance tells the source",
  );
});

describe("devices one by one", () => {
  async function hub(t: TestContext) {
    const { config, ...stage } = await twoChassis(t);
    const own = `${config}  - { name: alone, interfaces: [{ source: sw1, device: uplink }] }\n`;
    const [device] = stage.devices;
    device.add(20, "uplink").inOctets = 5n;
    const program = await Program.start(t, { config: own });
    await program.until('ipmp_group_state{group="alone",state="ok"}', "1");
    await program.until(state("ok"), "1");
    return { ...stage, program };
  }

  test("are scraped by name: their groups whole, and their members of groups that others have a part in", async (t) => {
    const { program } = await hub(t);
    const { status, body } = await program.get("/probe?target=sw1");
    assert.equal(status, 200);
    const names = body.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
    const has = (start: string) => names.some((line) => line.startsWith(start));
    assert.ok(has('ipmp_source_up{source="sw1",kind="snmp"} 1'), body);
    assert.ok(has('ipmp_group_receive_bytes_total{group="alone"} 0'), body);
    assert.ok(has('ipmp_member_receive_bytes_total{group="core",device="Ethernet1/49",source="sw1"} 0'), body);
    assert.ok(!has('ipmp_group_receive_bytes_total{group="core"}'), "that is of two devices");
    assert.ok(!names.some((line) => line.includes("sw2")), body);
    assert.ok(!has("process_"), "that is the exporter's own");
  });

  test("of other names, and addresses, are refused", async (t) => {
    const { program, devices } = await hub(t);
    const asked = devices[1].requests.length;
    for (const [query, status] of [
      ["", 400],
      ["?target=", 400],
      ["?target=sw1&target=sw2", 400],
      ["?target=sw3", 404],
      ["?target=local", 404],
      [`?target=${encodeURIComponent(devices[1].target)}`, 404],
      ["?target=127.0.0.1", 404],
    ] as const) {
      assert.equal((await program.get(`/probe${query}`)).status, status, query);
    }
    assert.ok(devices[1].requests.length <= asked + 40, "a scrape asks no device");
  });

  test("are told to http_sd by their names", async (t) => {
    const { program } = await hub(t);
    const { status, body } = await program.get("/sd");
    assert.equal(status, 200);
    assert.deepEqual(JSON.parse(body), [
      { targets: ["sw1"], labels: { __meta_ipmp_source: "sw1", __meta_ipmp_kind: "snmp" } },
      { targets: ["sw2"], labels: { __meta_ipmp_source: "sw2", __meta_ipmp_kind: "snmp" } },
    ]);
  });

  test("are on the page, with their groups, and with what is wrong", async (t) => {
    const { program, devices } = await hub(t);
    devices[1].misbehave = () => undefined;
    await program.until('ipmp_source_up{source="sw2",kind="snmp"}', "0");
    const { body } = await program.get("/");
    const section = /<section class="part" aria-label="Devices">.*?<\/section>/s.exec(body)?.[0] ?? "";
    assert.match(section, /sw1.*answers.*groups\/alone.*sw2.*no answer.*sw2: no answer; it may be down.*groups\/core/s);
    assert.match(body, /<code>sw1:Ethernet1\/49<\/code>/);
  });

  test("each member says when it was last read", async (t) => {
    const { program } = await hub(t);
    const read = (await program.metrics()).get(
      'ipmp_member_reading_timestamp_seconds{group="core",device="Ethernet1/49",source="sw1"}',
    );
    assert.ok(Math.abs(Number(read) - Date.now() / 1000) < 60, read);
  });
});
