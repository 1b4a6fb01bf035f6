/** What a subagent costs when groups come and go, with a master that grants everything. */

import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { agentCounters } from "#src/exposition/snmp/mibs/agent-counters.js";
import { HEADER_OCTETS, PDU, PduWriter, readHeader } from "#src/exposition/snmp/protocol/agentx-pdu.js";
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
