/** LAGs of devices that become groups by themselves: the built program, and devices that are told what to say. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, type TestContext, test } from "node:test";
import * as z from "zod";
import { FakeDevice, type Value } from "../support/fake-device.ts";
import { Program } from "../support/program.ts";
import { root } from "../support/root.ts";

const AGG_PORT = "1.2.840.10006.300.43.1.2.1.1";
const LAG = 161;
const DEFAULTED = 0x02; // BITS: the seventh from the left
const state = (group: string, name: string) => `ipmp_group_state{group="${group}",state="${name}"}`;
const received = (group: string) => `ipmp_group_receive_bytes_total{group="${group}"}`;

type JsonSchema = Exclude<Parameters<typeof z.fromJSONSchema>[0], boolean>;

/** The API says of them what its schema has. */
function assertFits(path: string, text: string): void {
  const document = JSON.parse(readFileSync(root("docs", "api.schema.json"), "utf8")) as JsonSchema; // a file of ours
  const schema = z.fromJSONSchema({ ...document, $ref: `#/$defs/${path}_answer` });
  const { error } = schema.safeParse(JSON.parse(text));
  assert.ok(!error, `${path}: ${error && z.prettifyError(error)}`);
}

interface Lacp {
  readonly attached: number;
  readonly selected?: number;
  readonly key?: number;
  readonly state?: number;
  /** MAC of its LACP partner. */
  readonly partner?: string;
}

/** Tells of a port what the LAG-MIB would. */
function lacp(device: FakeDevice, port: number, { attached, selected, key, state: actor, partner }: Lacp): void {
  const integer = (value: number | undefined): Value | undefined =>
    value === undefined ? undefined : { syntax: "Integer32", value };
  const row = {
    4: integer(key),
    12: integer(selected),
    13: integer(attached),
    9:
      partner === undefined
        ? undefined
        : ({ syntax: "OctetString", value: Uint8Array.from(Buffer.from(partner.replaceAll(":", ""), "hex")) } as const),
    21: actor === undefined ? undefined : ({ syntax: "OctetString", value: Uint8Array.of(actor) } as const),
  };
  for (const [column, value] of Object.entries(row)) {
    const oid = `${AGG_PORT}.${column}.${port}`;
    if (value) device.more.set(oid, value);
    else device.more.delete(oid);
  }
}

function stack(device: FakeDevice, higher: number, lower: number): void {
  device.more.set(`1.3.6.1.2.1.31.1.2.1.3.${higher}.${lower}`, { syntax: "Integer32", value: 1 });
}

/** A switch with two ports in Po1, one port beside, and Po2 that nobody has put a port into. */
async function lagSwitch(t: TestContext) {
  const device = await FakeDevice.start(t);
  const [first, second] = [device.add(1, "Gi1"), device.add(2, "Gi2")];
  device.add(3, "Gi3");
  const lag = device.add(101, "Po1");
  lag.type = LAG;
  device.add(102, "Po2").type = LAG;
  for (const port of [1, 2]) lacp(device, port, { attached: 101, selected: 101, key: 7, state: 0xbc });
  lacp(device, 3, { attached: 0, selected: 0, key: 0 });
  return { device, first, second, lag };
}

const configOf = (devices: Readonly<Record<string, FakeDevice>>, more = "") =>
  `sources: [${Object.entries(devices)
    .map(
      ([name, { target }]) =>
        `{ name: ${name}, kind: snmp, target: "${target}", interval: 300ms, timeout: 200ms, failures: 2, discover: lags }`,
    )
    .join(", ")}]\n${more}`;

const groupsOf = async (program: Program) =>
  [...(await program.metrics()).keys()]
    .flatMap((name) => /^ipmp_group_info\{group="([^"]+)"/.exec(name)?.[1] ?? [])
    .sort();

describe("LAGs of a device", () => {
  test("are groups of their ports, and no LAG without a port is one", async (t) => {
    const { device, first, second } = await lagSwitch(t);
    const program = await Program.start(t, { config: configOf({ sw1: device }) });
    await program.until(state("sw1:Po1", "ok"), "1");
    assert.deepEqual(await groupsOf(program), ["sw1:Po1"]);
    first.inOctets += 70n;
    second.inOctets += 7n;
    await program.until(received("sw1:Po1"), "77");
    const samples = await program.metrics();
    assert.equal(samples.get('ipmp_member_receive_bytes_total{group="sw1:Po1",device="Gi1",source="sw1"}'), "70");
    for (const path of ["groups", "links"]) assertFits(path, (await program.get(`/api/v1/${path}`)).body);
    assert.match(
      (await program.get("/probe?target=sw1")).body,
      /^ipmp_group_receive_bytes_total\{group="sw1:Po1"\} 77$/m,
    );
    assert.match((await program.get("/")).body, /sw1:Po1/);
  });

  test("of two devices are groups of both, though they have the same name", async (t) => {
    const [one, other] = [await lagSwitch(t), await lagSwitch(t)];
    const program = await Program.start(t, { config: configOf({ sw1: one.device, sw2: other.device }) });
    await program.until(state("sw1:Po1", "ok"), "1");
    await program.until(state("sw2:Po1", "ok"), "1");
    other.first.inOctets += 5n;
    await program.until(received("sw2:Po1"), "5");
    assert.equal((await program.metrics()).get(received("sw1:Po1")), "0");
  });

  test("are degraded when a port is down of which LACP says nothing any more, and ok when it is back", async (t) => {
    const { device, first, second } = await lagSwitch(t);
    const program = await Program.start(t, { config: configOf({ sw1: device }) });
    await program.until(state("sw1:Po1", "ok"), "1");
    second.operStatus = 2;
    lacp(device, 2, { attached: 0, selected: 0, key: 7, state: 0x82 });
    await program.until(state("sw1:Po1", "degraded"), "1");
    await program.logged("device=sw1:Gi2", "to=failed", "link down");
    first.inOctets += 9n;
    await program.until(received("sw1:Po1"), "9");
    second.operStatus = 1;
    second.inOctets += 1n;
    lacp(device, 2, { attached: 101, selected: 101, key: 7, state: 0xbc });
    await program.until(state("sw1:Po1", "ok"), "1");
    await program.until(received("sw1:Po1"), "10");
  });

  test("tell a port that has lost its partner from one that waits to be needed", async (t) => {
    const { device } = await lagSwitch(t);
    const program = await Program.start(t, { config: configOf({ sw1: device }) });
    await program.until(state("sw1:Po1", "ok"), "1");
    lacp(device, 2, { attached: 0, selected: 101, key: 7, state: 0xbc | DEFAULTED });
    await program.until(state("sw1:Po1", "degraded"), "1");
    await program.logged("device=sw1:Gi2", "to=failed", "no LACP partner");
    lacp(device, 2, { attached: 0, selected: 101, key: 7, state: 0xa0 });
    await program.until(state("sw1:Po1", "ok"), "1");
    await program.logged("device=sw1:Gi2", "to=inactive", "selected for the LAG");
  });

  test("lead to the switch that is the LACP partner of all their ports", async (t) => {
    const { device } = await lagSwitch(t);
    const partner = "02:aa:00:00:00:01";
    for (const port of [1, 2]) lacp(device, port, { attached: 101, selected: 101, key: 7, state: 0xbc, partner });
    const program = await Program.start(t, { config: configOf({ sw1: device }) });
    const survives = (kind: string) => `ipmp_group_survives{group="sw1:Po1",kind="${kind}"}`;
    await program.until(survives("switch"), "0");
    await program.until(`ipmp_group_shared_fate{group="sw1:Po1",kind="switch",domain="${partner}"}`, "1");
    lacp(device, 2, { attached: 101, selected: 101, key: 7, state: 0xbc, partner: "02:aa:00:00:00:02" });
    await program.until(survives("switch"), "1");
    assertFits("groups", (await program.get("/api/v1/groups")).body);
  });

  test("follow the device: a port is taken out, another put in, a LAG is made, and a LAG goes", async (t) => {
    const { device, first, second } = await lagSwitch(t);
    const program = await Program.start(t, { config: configOf({ sw1: device }) });
    await program.until(state("sw1:Po1", "ok"), "1");
    first.inOctets += 10n;
    second.inOctets += 20n;
    await program.until(received("sw1:Po1"), "30");
    lacp(device, 2, { attached: 0, selected: 0, key: 0 });
    await program.logged("device=sw1:Gi2", "member left");
    second.inOctets += 1_000n;
    lacp(device, 3, { attached: 102, selected: 102, key: 8, state: 0xbc });
    device.more.set("1.2.840.10006.300.43.1.3.0", { syntax: "TimeTicks", value: 4_711 });
    await program.until(state("sw1:Po2", "ok"), "1");
    assert.equal((await program.metrics()).get(received("sw1:Po1")), "30");
    assert.equal((await program.metrics()).get(state("sw1:Po1", "ok")), "1");
    device.interfaces.delete(102);
    lacp(device, 3, { attached: 0, selected: 0, key: 0 });
    device.tableChanged = 5_000;
    await program.logged("group=sw1:Po2", "removed");
    assert.deepEqual(await groupsOf(program), ["sw1:Po1"]);
  });

  test("are seen in ifStackTable alone, and failed when the LAG itself is down", async (t) => {
    const device = await FakeDevice.start(t);
    device.add(1, "Gi1");
    const lag = device.add(101, "Po1");
    lag.type = LAG;
    stack(device, 101, 1);
    const program = await Program.start(t, { config: configOf({ sw1: device }) });
    await program.until(state("sw1:Po1", "ok"), "1");
    lag.operStatus = 7;
    await program.until(state("sw1:Po1", "failed"), "1");
  });

  test("are there again after a restart while the device is silent, and nothing of them is lost or counted twice", async (t) => {
    const { device, first, second } = await lagSwitch(t);
    const config = configOf({ sw1: device });
    const program = await Program.start(t, { config });
    await program.until(state("sw1:Po1", "ok"), "1");
    first.inOctets += 10n;
    second.inOctets += 20n;
    await program.until(received("sw1:Po1"), "30");
    const { folder } = program;
    await program.stop();
    device.misbehave = () => undefined;
    first.inOctets += 100n;
    const again = await Program.start(t, { config, folder });
    await again.until(received("sw1:Po1"), "30");
    second.operStatus = 2;
    lacp(device, 2, { attached: 0, selected: 0, key: 7 });
    device.misbehave = undefined;
    await again.until(received("sw1:Po1"), "130");
    await again.until(state("sw1:Po1", "degraded"), "1");
    assert.deepEqual(
      again.log.filter((line) => line.includes("member left")),
      [],
    );
  });

  test("go without a port that a configured group has, and the log says which", async (t) => {
    const { device } = await lagSwitch(t);
    const config = configOf({ sw1: device }, "groups: [{ name: core, interfaces: [{ source: sw1, device: Gi2 }] }]\n");
    const program = await Program.start(t, { config });
    await program.until(state("sw1:Po1", "ok"), "1");
    await program.until(state("core", "ok"), "1");
    await program.logged("group=sw1:Po1", "device=sw1:Gi2", "it is a member of the group core");
  });

  test("whose tables have no end are not known, the log says so, and the device's other links are polled", async (t) => {
    const { device, first } = await lagSwitch(t);
    device.twist = ({ names: [name = ""] }, reply) => {
      const isAttached = name.startsWith(`${AGG_PORT}.13`);
      return isAttached ? { ...reply, varbinds: [[`${AGG_PORT}.13.1`, { syntax: "Integer32", value: 101 }]] } : reply;
    };
    stack(device, 101, 1);
    const program = await Program.start(t, { config: configOf({ sw1: device }) });
    await program.until(state("sw1:Po1", "ok"), "1");
    await program.logged("sw1: not all of its LAGs may be known", "repeats objects");
    first.inOctets += 3n;
    await program.until(received("sw1:Po1"), "3");
  });
});
