/** A device that is polled when the test says so. */

import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { hrtime } from "#src/kstat/hrtime.js";
import { parseSnmpEndpoint } from "#src/net-address/snmp-endpoint.js";
import { Device, type DeviceOptions } from "#src/sources/snmp/device.js";
import { INTERFACE_SCHEMA } from "#src/sources/snmp/interface-columns.js";
import { Manager } from "#src/sources/snmp/manager.js";
import type { CounterRow, SourceEvent } from "#src/sources/source.js";
import { FakeDevice } from "../../support/fake-device.ts";

export const IN_BYTES = INTERFACE_SCHEMA.indexOf("rbytes64") ?? 0;
export const IN_PACKETS = INTERFACE_SCHEMA.indexOf("ipackets64") ?? 0;

/** A made-up device, and the one that polls it: its links whose names begin with eth. */
export async function polled(
  t: TestContext,
  options: Partial<DeviceOptions> & { readonly version?: 1 | 2; readonly timeoutMs?: number } = {},
) {
  const { version = 2, timeoutMs = 1_000, ...others } = options;
  const fake = await FakeDevice.start(t);
  const target = parseSnmpEndpoint(fake.target);
  assert.ok(target);
  const manager = new Manager({ device: target, credential: { version, community: "public" }, timeoutMs });
  t.after(() => manager.close());
  const device = new Device({
    name: "sw1",
    manager,
    now: () => hrtime(BigInt(Date.now()) * 1_000_000n),
    wants: (names) => names.some((name) => name.startsWith("eth")),
    roundMs: 30_000,
    ...others,
  });
  const poll = async () => (await device.poll()).events;
  return { fake, device, poll };
}

export const rowsOf = (events: readonly SourceEvent[]): readonly CounterRow[] =>
  events.flatMap((event) => (event.kind === "reading" ? event.rows : []));
/** Links that were told of, and with a minus those that are gone. */
export const told = (events: readonly SourceEvent[]) =>
  events.flatMap((event) =>
    event.kind === "link"
      ? [`${event.link.ifindex} ${event.link.name}`]
      : event.kind === "gone"
        ? [`-${event.name}`]
        : [],
  );
