import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { startAgent } from "#src/snmp/agent.js";
import { formatEndpoint, ListenError, parseEndpoint } from "#src/snmp/transport.js";
import { EXAMPLE, snapshotsOf } from "../support/snapshot.ts";

describe("an address to listen on", () => {
  for (const [text, family, address, port] of [
    ["udp:127.0.0.1:1161", "udp4", "127.0.0.1", 1161],
    ["127.0.0.1:1161", "udp4", "127.0.0.1", 1161],
    ["udp:1161", "udp4", "0.0.0.0", 1161],
    ["udp6:1161", "udp6", "::", 1161],
    ["udp6:[::1]:1161", "udp6", "::1", 1161],
    ["udp:[::1]:1161", "udp6", "::1", 1161],
  ] as const) {
    test(`${text} is understood`, () => assert.deepEqual(parseEndpoint(text), { family, address, port }));
  }

  for (const text of [
    "",
    "tcp:127.0.0.1:161",
    "udp:localhost:161",
    "udp:127.0.0.1",
    "udp6:127.0.0.1:161",
    "udp:1:70000",
  ]) {
    test(`"${text}" is refused with what would be right`, () =>
      assert.throws(() => parseEndpoint(text), /expected udp:ADDRESS:PORT/));
  }

  test("is written as it is read", () => {
    for (const text of ["udp:127.0.0.1:1161", "udp6:[::1]:1161"]) {
      assert.equal(formatEndpoint(parseEndpoint(text)), text);
    }
  });
});

describe("an agent", () => {
  const start = (listenAddresses: readonly string[]) =>
    startAgent({
      snapshots: snapshotsOf(EXAMPLE),
      log: { info() {}, warn() {}, error() {} },
      listenAddresses,
      system: { description: "test", name: "host" },
    });

  test("listens on every address, and on none once closed", async () => {
    const agent = await start(["udp:127.0.0.1:0", "udp:127.0.0.1:0"]);
    assert.equal(new Set(agent.addresses).size, 2);
    await agent.close();
    await agent.close();
    const again = await start(agent.addresses);
    await again.close();
  });

  test("says which port is taken, and keeps nothing open", async () => {
    const other = await start(["udp:127.0.0.1:0"]);
    const free = await start(["udp:127.0.0.1:0"]);
    await free.close();
    const addresses = [...free.addresses, ...other.addresses];
    await assert.rejects(start(addresses), (error) => {
      assert.ok(error instanceof ListenError);
      assert.match(error.message, /^Cannot listen on udp:127\.0\.0\.1:[0-9]+ for SNMP: another program uses that port/);
      assert.equal(error.address, other.addresses[0]);
      return true;
    });
    const again = await start(free.addresses);
    await Promise.all([again.close(), other.close()]);
  });
});
