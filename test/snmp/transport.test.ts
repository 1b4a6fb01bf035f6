import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type Agent, startAgent } from "#src/snmp/agent.js";
import { ListenError } from "#src/snmp/transport.js";
import { agentOptions } from "../support/agent-options.ts";
import { endpoints } from "../support/net-address.ts";

const addressesOf = (agent: Agent) => agent.listening().map(({ address }) => address);

describe("an agent", () => {
  const start = (listenAddresses: readonly string[]) =>
    startAgent(agentOptions({ listenAddresses: endpoints(...listenAddresses) }));

  test("listens on every address, and on none once closed", async () => {
    const agent = await start(["udp:127.0.0.1:0", "udp:127.0.0.1:0"]);
    const addresses = addressesOf(agent);
    assert.equal(new Set(addresses).size, 2);
    await agent.close();
    await agent.close();
    const again = await start(addresses);
    await again.close();
  });

  test("says which port is taken, and keeps nothing open", async () => {
    const other = await start(["udp:127.0.0.1:0"]);
    const free = await start(["udp:127.0.0.1:0"]);
    await free.close();
    const addresses = [...addressesOf(free), ...addressesOf(other)];
    await assert.rejects(start(addresses), (error) => {
      assert.ok(error instanceof ListenError);
      assert.match(error.message, /^Cannot listen on udp:127\.0\.0\.1:[0-9]+ for SNMP: another program uses that port/);
      assert.equal(error.address, addressesOf(other)[0]);
      return true;
    });
    const again = await start(addressesOf(free));
    await Promise.all([again.close(), other.close()]);
  });
});
