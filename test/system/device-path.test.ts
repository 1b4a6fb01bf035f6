/** A device behind a slow network that loses datagrams: Debian's snmpd on loopback, its answers 300 ms late, one datagram in twenty lost. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { hrtime } from "#src/kstat/hrtime.js";
import { parseSnmpEndpoint } from "#src/net-address/snmp-endpoint.js";
import { Device } from "#src/sources/snmp/device.js";
import { type Credential, Manager } from "#src/sources/snmp/manager.js";
import { LossyPath } from "../support/lossy-path.ts";
import { LOOPBACK_USER, LoopbackAgent } from "../support/loopback-agent.ts";
import { withoutTools } from "../support/snmp-tools.ts";
import { eventually } from "../support/wait.ts";

const ENGINE = "80000009010203040506";
const CREDENTIALS: Readonly<Record<string, Credential>> = {
  "version 2c": { version: 2, community: "public" },
  "version 3": { version: 3, user: LOOPBACK_USER },
};

describe("a device behind 300 ms that lose one datagram in twenty", {
  concurrency: true,
  skip: withoutTools("snmpd"),
}, () => {
  for (const [what, credential] of Object.entries(CREDENTIALS))
    test(`is polled each time, over ${what}`, async (t) => {
      const agent = await LoopbackAgent.create(t);
      agent.start(ENGINE, 1);
      const path = await LossyPath.open(t, agent.port, { delayMs: 150, oneIn: 20 });
      const target = parseSnmpEndpoint(path.target);
      assert.ok(target);
      const manager = new Manager({ device: target, credential, timeoutMs: 1_000 });
      t.after(() => manager.close());
      const now = () => hrtime(process.hrtime.bigint());
      const device = new Device({ name: "far", manager, now, wants: () => true, roundMs: 60_000 });
      await eventually(
        async () => (await device.poll()).failure === undefined,
        () => "it is never read",
      );
      const before = path.lost;
      let polls = 0;
      while (path.lost < before + 3 || polls < 5) {
        const { failure, events } = await device.poll();
        assert.equal(failure, undefined);
        assert.ok(events.some(({ kind }) => kind === "reading"));
        polls++;
      }
    });
});
