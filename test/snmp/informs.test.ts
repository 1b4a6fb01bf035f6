/** Informs of many changes at once, to a receiver that acknowledges them and to one that does not. */

import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { type TestContext, test } from "node:test";
import type { MemberState, Snapshot } from "#src/snapshot/snapshot.js";
import { startAgent } from "#src/snmp/agent.js";
import type { Retry } from "#src/snmp/notification-target.js";
import { agentOptions } from "../support/agent-options.ts";
import { endpoint } from "../support/net-address.ts";
import { aSnapshot } from "../support/snapshot.ts";
import { world } from "../support/snmp-world.ts";
import { eventually } from "../support/wait.ts";

const COMMUNITY = "public";
const RESPONSE = 0xa2;
const GROUPS = 50;
/** The start; of each group its state, its own row, and of two members the state and the row. */
const INFORMS = BigInt(1 + GROUPS * 6);

function groupsOfTwo(state: MemberState): Snapshot {
  const names = Array.from({ length: GROUPS }, (_, n) => `g${n}`);
  const devices = names.flatMap((name) => [`${name}a`, `${name}b`]);
  return aSnapshot({
    groups: names.map((name) => ({
      name,
      members: [
        { device: `${name}a`, state },
        { device: `${name}b`, state },
      ],
    })),
    links: devices.map((name, n) => ({ name, ifindex: 10 + n, running: state !== "failed" })),
  });
}

/** An agent that informs a receiver, which answers each inform or none. `informs` has each once, however often it came. */
async function informed(t: TestContext, receives: "acknowledges" | "is silent", retry: Retry) {
  const receiver = createSocket("udp4").bind(0, "127.0.0.1");
  await once(receiver, "listening");
  const informs = new Set<string>();
  receiver.on("message", (datagram, { address, port }) => {
    // An acknowledgement is the inform with another tag of its PDU, which is behind the community (RFC 3416 section 4.2.7).
    const answer = Buffer.from(datagram);
    answer[datagram.indexOf(COMMUNITY) + COMMUNITY.length] = RESPONSE;
    informs.add(datagram.toString("hex"));
    if (receives === "acknowledges") receiver.send(answer, port, address);
  });
  const daemon = world(groupsOfTwo("active"));
  const agent = await startAgent(
    agentOptions({
      ...daemon,
      dampingMs: 60_000,
      notifications: [
        {
          target: endpoint(`udp:127.0.0.1:${receiver.address().port}`),
          type: "inform",
          credential: { version: 2, community: COMMUNITY },
          retry,
        },
      ],
    }),
  );
  t.after(async () => {
    await agent.close();
    receiver.close();
  });
  return { daemon, agent, informs };
}

test("a receiver that acknowledges is informed of everything, however much changes at once", async (t) => {
  const { daemon, agent, informs } = await informed(t, "acknowledges", { timeoutMs: 10_000, attempts: 3 });
  daemon.becomes(groupsOfTwo("failed"));
  await eventually(
    () => BigInt(informs.size) === INFORMS,
    () => `${informs.size} informs, ${agent.counters().notificationsDropped} dropped`,
  );
  const { notificationsSent, notificationsDropped, informsUnacknowledged } = agent.counters();
  assert.deepEqual([notificationsSent, notificationsDropped, informsUnacknowledged], [INFORMS, 0n, 0n]);
});

test("a receiver that is silent is tried with everything, a hundred at a time", async (t) => {
  const { daemon, agent } = await informed(t, "is silent", { timeoutMs: 20, attempts: 1 });
  daemon.becomes(groupsOfTwo("failed"));
  await eventually(
    () => agent.counters().informsUnacknowledged === INFORMS,
    () => `${agent.counters().informsUnacknowledged} unacknowledged`,
  );
  assert.equal(agent.counters().notificationsDropped, 0n);
});
