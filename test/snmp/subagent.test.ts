/** A subagent with masters that grant everything, refuse, hang, lie, and answer in any order. */

import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { type TestContext, test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { agentCounters } from "#src/exposition/snmp/mibs/agent-counters.js";
import { HEADER_OCTETS, type Header, PDU, PduWriter, readHeader } from "#src/exposition/snmp/protocol/agentx-pdu.js";
import { agentTree, DEFAULT_ENTERPRISE } from "#src/exposition/snmp/view/agent-tree.js";
import { MibViews } from "#src/exposition/snmp/view/mib-view.js";
import { Subagent } from "#src/snmp/subagent.js";
import { facts } from "../exposition/snmp/facts.ts";
import { SILENT } from "../support/silent-log.ts";
import { EXAMPLE } from "../support/snapshot.ts";
import { eventually } from "../support/wait.ts";

/** A response to each PDU that came, in one session. */
function granted(octets: Buffer): Uint8Array[] {
  const responses: Uint8Array[] = [];
  for (let rest = octets; rest.length >= HEADER_OCTETS; ) {
    const header = readHeader(rest);
    const writer = new PduWriter().uint32(0).uint16(0).uint16(0);
    responses.push(writer.finish({ ...header, type: PDU.response, session: 1 }));
    rest = rest.subarray(HEADER_OCTETS + header.length);
  }
  return responses;
}

test("a hundred groups that come in one turn cost one look at the states", async (t) => {
  const master = createServer((socket) => {
    t.after(() => socket.destroy());
    socket.on("data", (octets) => {
      for (const response of granted(octets)) socket.write(response);
    });
  }).listen(0, "127.0.0.1");
  t.after(() => master.close());
  await once(master, "listening");
  const { port } = master.address() as AddressInfo;
  const views = new MibViews(agentTree(), facts({ merged: true }));
  let looks = 0;
  const subagent = new Subagent({
    socket: { kind: "tcp", host: "127.0.0.1", port },
    mode: "merge",
    mibView: () => views.of(EXAMPLE),
    states: () => {
      looks++;
      return views.of(EXAMPLE);
    },
    description: "a subagent",
    id: DEFAULT_ENTERPRISE,
    counters: agentCounters(),
    onRoom: () => {},
    log: SILENT,
  });
  t.after(() => subagent.close());
  subagent.start();
  await eventually(
    () => subagent.connected,
    () => "no session",
  );
  const before = looks;
  for (let group = 0; group < 100; group++) subagent.wake();
  await turn();
  await turn();
  assert.equal(looks - before, 1);
});

/** What a master makes of one PDU: octets to send, none to be silent. */
type Behaviour = (header: Header, connection: number) => Uint8Array | undefined;

const response = (header: Header, error = 0, session = 1): Uint8Array =>
  new PduWriter()
    .uint32(0)
    .uint16(error)
    .uint16(0)
    .finish({ ...header, type: PDU.response, session });

const DUPLICATE = 263;
const TIMING = { reconnectMs: 10, reconnectMaxMs: 40, pingMs: 30, answerMs: 200 };

/** A subagent of a master that behaves so. `held` sends nothing before it is called, then everything, last first. */
async function subagentOf(t: TestContext, behaves: Behaviour, isHeld = false) {
  let connections = 0;
  const seen: number[] = [];
  const master = createServer((socket) => {
    const connection = ++connections;
    let rest = Buffer.alloc(0);
    let held: Uint8Array[] = [];
    t.after(() => socket.destroy());
    socket.on("error", () => {});
    socket.on("data", (octets) => {
      rest = Buffer.concat([rest, octets]);
      while (rest.length >= HEADER_OCTETS) {
        const header = readHeader(rest);
        if (rest.length < HEADER_OCTETS + header.length) break;
        rest = rest.subarray(HEADER_OCTETS + header.length);
        seen.push(header.type);
        const answer = behaves(header, connection);
        if (answer && isHeld && header.type === PDU.register) held.push(answer);
        else if (answer) socket.write(answer);
      }
      for (const answer of held.reverse()) socket.write(answer);
      held = [];
    });
  }).listen(0, "127.0.0.1");
  t.after(() => master.close());
  await once(master, "listening");
  const { port } = master.address() as AddressInfo;
  const views = new MibViews(agentTree(), facts({ merged: true }));
  const subagent = new Subagent({
    socket: { kind: "tcp", host: "127.0.0.1", port },
    mode: "merge",
    mibView: () => views.of(EXAMPLE),
    states: () => views.of(EXAMPLE),
    description: "a subagent",
    id: DEFAULT_ENTERPRISE,
    counters: agentCounters(),
    onRoom: () => {},
    log: SILENT,
    timing: TIMING,
  });
  t.after(() => subagent.close());
  subagent.start();
  const until = (holds: () => boolean, what: string) => eventually(holds, () => `${what}: ${seen.join(" ")}`);
  return { subagent, until, seen, connections: () => connections };
}

for (const refusals of [1, 2]) {
  test(`a registration that is refused ${refusals} times is asked for again, and connected says when all rows are there`, async (t) => {
    let refused = 0;
    const { subagent, until } = await subagentOf(t, (header) => {
      if (header.type === PDU.register && refused < refusals) {
        refused++;
        return response(header, DUPLICATE);
      }
      assert.ok(!subagent.connected || refused === refusals, "not connected while rows are refused");
      return response(header);
    });
    await until(() => subagent.connected, "connected");
    assert.equal(refused, refusals);
  });
}

test("a master that refuses one registration for ever is never connected, and keeps its session", async (t) => {
  let first: number | undefined;
  let refused = 0;
  const { subagent, until, connections } = await subagentOf(t, (header) => {
    if (header.type !== PDU.register) return response(header);
    first ??= header.length;
    if (header.length !== first) return response(header);
    refused++;
    return response(header, DUPLICATE);
  });
  await until(() => refused >= 5, "asked again and again");
  assert.equal(subagent.connected, false);
  assert.equal(connections(), 1);
});

test("answers in another order are as good", async (t) => {
  const { subagent, until } = await subagentOf(t, (header) => response(header), true);
  await until(() => subagent.connected, "connected");
});

for (const [name, behaves] of [
  ["is silent", () => undefined],
  ["opens a session and is silent then", (header: Header) => (header.type === PDU.open ? response(header) : undefined)],
  ["writes what is no AgentX", () => Buffer.from("HTTP/1.1 400 Bad Request\r\n\r\n")],
  ["refuses the session", (header: Header) => response(header, 266)],
  [
    "opens a session and answers what was never asked then",
    (header: Header) => response(header.type === PDU.open ? header : { ...header, packet: 0 }),
  ],
  ["answers for other packets", (header: Header) => response({ ...header, packet: header.packet + 1000 })],
  ["cuts its responses short", (header: Header) => new PduWriter().uint16(0).finish({ ...header, type: PDU.response })],
  ["answers for another session", (header: Header) => response(header, 0, header.type === PDU.open ? 1 : 2)],
] satisfies [string, Behaviour][]) {
  test(`a master that ${name} is not connected; another one that is right is, a moment later`, async (t) => {
    let isRight = false;
    const { subagent, until, connections } = await subagentOf(t, (header) =>
      isRight ? response(header) : behaves(header),
    );
    await until(() => connections() >= 3, "tried again");
    assert.equal(subagent.connected, false);
    isRight = true;
    await until(() => subagent.connected, "connected");
  });
}

test("a master that hangs once all is well is noticed, and its rows are not said to be there", async (t) => {
  let hangs = false;
  const { subagent, until, connections } = await subagentOf(t, (header, connection) =>
    hangs && connection === 1 ? undefined : response(header),
  );
  await until(() => subagent.connected, "connected");
  hangs = true;
  await until(() => !subagent.connected, "noticed");
  await until(() => subagent.connected && connections() === 2, "connected again");
});
