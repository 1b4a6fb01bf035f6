/** Engines of version 3 that are not what they were: asked anew within the same question, so that no poll is lost. Debian's snmpd on loopback. */

import assert from "node:assert/strict";
import { describe, type TestContext, test } from "node:test";
import { parseSnmpEndpoint } from "#src/net-address/snmp-endpoint.js";
import { Manager } from "#src/sources/snmp/manager.js";
import { engineId, timeTicks } from "#src/sources/snmp/varbind.js";
import { LOOPBACK_USER, LoopbackAgent } from "../support/loopback-agent.ts";
import { withoutTools } from "../support/snmp-tools.ts";
import { eventually } from "../support/wait.ts";

const SYS_UP_TIME = "1.3.6.1.2.1.1.3.0";
const ENGINE = "1.3.6.1.6.3.10.2.1.1.0";
const ENGINE_BOOTS = "1.3.6.1.6.3.10.2.1.2.0";
const ONE = "80000009010203040506";
/** Longer than the time window of RFC 3414, 150 s. */
const SLEPT_MS = 1_000_000;
const OTHER = "80000009060504030201";

function managerOf(t: TestContext, { target }: LoopbackAgent, user = LOOPBACK_USER): Manager {
  const device = parseSnmpEndpoint(target);
  assert.ok(device);
  const manager = new Manager({ device, credential: { version: 3, user }, timeoutMs: 2_000 });
  t.after(() => manager.close());
  return manager;
}

/** Engine ID and number of starts, as the agent says them, or why it does not. */
async function said(manager: Manager): Promise<readonly unknown[]> {
  const answer = await manager.get([ENGINE, ENGINE_BOOTS, SYS_UP_TIME]);
  if (answer.kind === "unanswered") return [answer.outcome];
  assert.notEqual(timeTicks(answer.value.get(SYS_UP_TIME)), undefined);
  return [engineId(answer.value.get(ENGINE)), answer.value.get(ENGINE_BOOTS)?.value];
}

/** Waits for its first answer to somebody who knows nothing of it yet. */
async function answers(t: TestContext, agent: LoopbackAgent): Promise<void> {
  const stranger = managerOf(t, agent);
  await eventually(
    async () => (await said(stranger)).length === 2,
    () => "snmpd does not answer",
  );
}

describe("an engine of version 3", { skip: withoutTools("snmpd") }, () => {
  for (const [what, engine, boots] of [
    ["was started anew", ONE, 8],
    ["was started anew and has lost its count of starts", ONE, 1],
    ["has another ID since it was started anew", OTHER, 9],
    ["has another ID, and was started less often than the former one", OTHER, 1],
  ] as const) {
    test(`that ${what} answers the next question`, async (t) => {
      const agent = await LoopbackAgent.create(t);
      agent.start(ONE, 7);
      await answers(t, agent);
      const manager = managerOf(t, agent);
      assert.deepEqual(await said(manager), [ONE, 7]);
      await agent.stop();
      agent.start(engine, boots);
      await answers(t, agent);
      assert.deepEqual(await said(manager), [engine, boots]);
      assert.deepEqual(await said(manager), [engine, boots]);
    });
  }

  test("whose clock has stood still, as of a device that slept, answers the next question", async (t) => {
    const agent = await LoopbackAgent.create(t);
    agent.start(ONE, 7);
    await answers(t, agent);
    const manager = managerOf(t, agent);
    await said(manager);
    const now = performance.now.bind(performance);
    t.mock.method(performance, "now", () => now() + SLEPT_MS); // ours has gone on instead
    assert.deepEqual(await said(manager), [ONE, 7]);
  });

  test("that has the ID of another device, as a copy of its image, is asked as itself", async (t) => {
    const agents = [await LoopbackAgent.create(t), await LoopbackAgent.create(t)] as const;
    agents[0].start(ONE, 3);
    agents[1].start(ONE, 90);
    for (const agent of agents) await answers(t, agent);
    const managers = [managerOf(t, agents[0]), managerOf(t, agents[1])] as const;
    for (let n = 0; n < 3; n++) {
      assert.deepEqual(await said(managers[0]), [ONE, 3]);
      assert.deepEqual(await said(managers[1]), [ONE, 90]);
    }
  });

  test("that does not know the password says so", async (t) => {
    const agent = await LoopbackAgent.create(t);
    agent.start(ONE, 7);
    await answers(t, agent);
    const wrong = { ...LOOPBACK_USER, auth: { ...LOOPBACK_USER.auth, password: "wrong horse" } };
    assert.deepEqual(await said(managerOf(t, agent, wrong)), ["authentication"]);
  });
});
