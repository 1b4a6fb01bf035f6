/** The switch behind a port of a device, as its LLDP-MIB tells it. */

import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { FakeDevice, type Value } from "../support/fake-device.ts";
import { morePolls } from "../support/polls.ts";
import { Program } from "../support/program.ts";
import { groupBecomes, groupView } from "../support/uplinks.ts";
import { eventually } from "../support/wait.ts";

const LAST_CHANGE = "1.0.8802.1.1.2.1.2.1.0";
const LOC_PORT = "1.0.8802.1.1.2.1.3.7.1";
const REM = "1.0.8802.1.1.2.1.4.1.1";
const BOTH = "ok: eth0 active, eth1 active";
const MAC_A = "02:aa:00:00:00:01";
const MAC_B = "02:aa:00:00:00:02";

interface Neighbour {
  /** lldpLocPortNum, which is not the ifIndex. */
  readonly port: number;
  readonly chassis: string;
  /** LldpChassisIdSubtype: 4 is a MAC. */
  readonly kind?: number;
  readonly name?: string;
  readonly remote?: number;
  readonly timeMark?: number;
}

const integer = (value: number): Value => ({ syntax: "Integer32", value });
const octets = (value: string | Uint8Array): Value => ({ syntax: "OctetString", value });

/** What a device hears from now on. Its ports are numbered from 101, by the names of its interfaces. */
function hears(device: FakeDevice, ...neighbours: readonly Neighbour[]): void {
  for (const oid of [...device.more.keys()]) if (oid.startsWith("1.0.8802.")) device.more.delete(oid);
  device.more.set(LAST_CHANGE, { syntax: "TimeTicks", value: device.sysUpTime });
  for (const { ifindex, name } of device.interfaces.values()) {
    device.more.set(`${LOC_PORT}.2.${100 + ifindex}`, integer(5));
    device.more.set(`${LOC_PORT}.3.${100 + ifindex}`, octets(name));
  }
  for (const { port, chassis, kind = 4, name = "sw", remote = 1, timeMark = 0 } of neighbours) {
    const id = kind === 4 ? Uint8Array.from(Buffer.from(chassis.replaceAll(":", ""), "hex")) : chassis;
    const row = (column: number, value: Value) =>
      device.more.set(`${REM}.${column}.${timeMark}.${port}.${remote}`, value);
    row(4, integer(kind));
    row(5, octets(id));
    row(6, integer(5));
    row(7, octets(`Ethernet${port}`));
    row(9, octets(name));
  }
}

async function started(t: TestContext, prepare: (device: FakeDevice) => void) {
  const device = await FakeDevice.start(t);
  for (const n of [1, 2]) device.add(n, `eth${n - 1}`);
  prepare(device);
  const source = `{ name: dev, kind: snmp, target: "${device.target}", interval: 500ms, timeout: 200ms, failures: 2 }`;
  const members = ["eth0", "eth1"].map((name) => `{ source: dev, device: ${name} }`);
  const program = await Program.start(t, {
    config: `sources: [${source}]\ngroups: [{ name: wan, interfaces: [${members.join(", ")}] }]\n`,
  });
  await groupBecomes(program, "wan", BOTH);
  return { device, program };
}

/** What is said of switches: those that both lead to, and whether the group outlives any. */
async function said(program: Program): Promise<string> {
  const { shared_fate: shared, survives } = (await groupView(program, "wan")) as unknown as {
    readonly shared_fate: readonly { readonly kind: string; readonly domain: string }[];
    readonly survives: Readonly<Record<string, boolean>>;
  };
  const switches = shared.filter(({ kind }) => kind === "switch").map(({ domain }) => domain);
  return `${switches.join() || "nothing"}, survives ${survives["switch"]}`;
}

async function becomes(program: Program, wanted: string): Promise<void> {
  let last = "";
  await eventually(
    async () => {
      last = await said(program);
      return last === wanted;
    },
    () => `"${last}", not "${wanted}":\n${program.log.join("\n")}`,
  );
}

test("the switch of both ports is one, then another for each, then unknown", async (t) => {
  const { device, program } = await started(t, (fake) =>
    hears(fake, { port: 101, chassis: MAC_A }, { port: 102, chassis: MAC_A }),
  );
  await becomes(program, `${MAC_A}, survives false`);
  assert.match(
    JSON.stringify(await groupView(program, "wan")),
    /both members lead to one switch \(sw, 02:aa:00:00:00:01\)/,
  );
  const { body } = await program.get("/api/v1/links");
  assert.match(body, /"lldp_neighbour":\{"chassis":"02:aa:00:00:00:01","system_name":"sw","port":"Ethernet101"\}/);
  for (const name of [MAC_A, "sw"]) {
    const without = await program.get(`/api/v1/groups/wan?without=switch=${name}`);
    assert.match(without.body, /"state":"failed"/);
  }
  hears(device, { port: 101, chassis: MAC_A }, { port: 102, chassis: MAC_B });
  await becomes(program, "nothing, survives true");
  hears(device, { port: 101, chassis: MAC_A });
  await becomes(program, "nothing, survives undefined");
});

test("two that are heard on one port are none; one row with several times is one", async (t) => {
  const both = { port: 101, chassis: MAC_A };
  const { device, program } = await started(t, (fake) =>
    hears(
      fake,
      both,
      { ...both, timeMark: 7 },
      { port: 102, chassis: MAC_B },
      { port: 102, chassis: MAC_A, remote: 2 },
    ),
  );
  await morePolls(program, "dev", 2); // and so its neighbours have been looked at
  assert.equal(await said(program), "nothing, survives undefined");
  hears(device, both, { ...both, chassis: MAC_B, timeMark: 7 }, { port: 102, chassis: MAC_B });
  await becomes(program, `${MAC_B}, survives false`);
});

test("two that call themselves by one interface are told apart by their names", async (t) => {
  const by = (port: number, name: string) => ({ port, chassis: "mgmt0", kind: 6, name });
  const { device, program } = await started(t, (fake) => hears(fake, by(101, "sw1"), by(102, "sw2")));
  await becomes(program, "nothing, survives true");
  hears(device, by(101, "sw1"), by(102, "sw1"));
  await becomes(program, "mgmt0@sw1, survives false");
  hears(device, by(101, ""), by(102, ""));
  await becomes(program, "nothing, survives undefined");
});

test("a table that goes wrong costs no poll and no counter: what it said is over, and that is said once", async (t) => {
  const { device, program } = await started(t, (fake) =>
    hears(fake, { port: 101, chassis: MAC_A }, { port: 102, chassis: MAC_A }),
  );
  await becomes(program, `${MAC_A}, survives false`);
  device.twist = ({ names }, reply) =>
    names.some((name) => name.startsWith(`${REM}.5`)) ? { status: 5, varbinds: [] } : reply;
  device.more.set(LAST_CHANGE, { syntax: "TimeTicks", value: 1 });
  const first = device.interfaces.get(1);
  assert.ok(first);
  first.inOctets += 1_000n;
  await becomes(program, "nothing, survives undefined");
  await program.until('ipmp_group_receive_bytes_total{group="wan"}', "1000");
  const said = "nobody is known by LLDP";
  await program.logged(said);
  assert.equal(program.log.filter((line) => line.includes(said)).length, 1);
  await groupBecomes(program, "wan", BOTH);
  device.twist = undefined;
  hears(device, { port: 101, chassis: MAC_B }, { port: 102, chassis: MAC_B });
  await becomes(program, `${MAC_B}, survives false`);
});
