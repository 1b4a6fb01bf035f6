/**
 * The same requests to our agent and to snmpd, over the same part of the tree: 3,000 names that look random, and 120 datagrams of which
 * one octet is another. Where the two differ, it is listed here, with the sentence of the RFC that ours goes by.
 */

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { TAG } from "#src/exposition/snmp/protocol/ber-reader.js";
import { formatOid, type Oid, oid } from "#src/exposition/snmp/protocol/oid.js";
import { type Agent, startAgent } from "#src/snmp/agent.js";
import { readReply, request } from "../exposition/snmp/manager.ts";
import { generator } from "../snmp/mutation.ts";
import { agentOptions } from "../support/agent-options.ts";
import { freePort, LOOPBACK } from "../support/loopback.ts";
import { endpoints, prefixes } from "../support/net-address.ts";
import { scratch } from "../support/scratch.ts";
import { withoutTools } from "../support/snmp-tools.ts";
import { eventually } from "../support/wait.ts";

const SYSTEM = oid("1.3.6.1.2.1.1");
const NAMES = 3_000;

/** Octets of the datagram, what became of each there, and the sentence that ours goes by. */
const DIFFERENCES = [
  {
    // The list of varbinds is empty, and a varbind follows it within the PDU.
    places: [25],
    octet: "00",
    ours: "no answer",
    snmpd: "status 0",
    sentence: "RFC 1157 4.1: If the parse fails, it discards the datagram and performs no further actions.",
  },
  {
    // A part of the name begins with an octet that adds nothing to it.
    places: [30, 31, 32, 33, 34, 35, 36],
    octet: "80",
    ours: "no answer",
    snmpd: "status 0",
    sentence: "X.690 8.19.2: the leading octet of the subidentifier shall not have the value 80 (base 16).",
  },
  {
    // The value that a GET sends along has a tag that no value has.
    places: [38],
    octet: "00",
    ours: "status 0",
    snmpd: "no answer",
    sentence:
      "RFC 3416 3: variable-bindings, values are sometimes ignored (in retrieval requests they are unSpecified).",
  },
] as const;

/** Answers that belong to requests which were sent one after the other through one socket. */
class Asker {
  readonly #socket: Socket;
  readonly #port: number;
  #came: Buffer[] = [];
  #sentinel = 1_000_000;

  constructor(socket: Socket, port: number) {
    this.#socket = socket;
    this.#port = port;
    socket.on("message", (datagram) => this.#came.push(datagram));
  }

  /** Undefined: none. The datagram is followed by a request that is answered for sure, and agents answer in order. */
  async ask(datagram: Uint8Array): Promise<Buffer | undefined> {
    const requestId = ++this.#sentinel;
    const sentinel = request({ requestId, names: [[...SYSTEM, 5, 0]] });
    this.#came = [];
    this.#socket.send(datagram, this.#port, LOOPBACK);
    this.#socket.send(sentinel, this.#port, LOOPBACK);
    const isSentinel = (reply: Buffer) => reply.includes(idOctets(requestId));
    while (!this.#came.some(isSentinel)) await once(this.#socket, "message");
    return this.#came.find((reply) => !isSentinel(reply));
  }
}

function idOctets(id: number): Buffer {
  return Buffer.from([TAG.integer, 3, id >> 16, (id >> 8) & 0xff, id & 0xff]);
}

/** What is to be the same: status, and of each varbind its name and whether it is a value or which exception. */
function gist(reply: Buffer | undefined): string {
  if (reply === undefined) return "no answer";
  const { status, varbinds } = readReply(reply);
  return [
    `status ${status}`,
    ...varbinds.map(({ name, tag }) => `${name} ${tag < TAG.noSuchObject ? "value" : tag}`),
  ].join(", ");
}

/** Near the objects that both have: parts changed, cut off and added. */
function names(): Oid[] {
  const random = generator(20_261_128);
  return Array.from({ length: NAMES }, () => {
    const name = [...SYSTEM, 1 + random(7), 0];
    for (let changes = random(4); changes > 0; changes--) {
      const at = 2 + random(name.length - 2);
      const kind = random(5);
      if (kind === 0) name[at] = Math.max(0, (name[at] ?? 0) + (random(2) === 0 ? 1 : -1));
      else if (kind === 1) name.splice(at);
      else if (kind === 2) name.push(random(3));
      else if (kind === 3) name[at] = random(0x7fff_ffff) * 2 + random(2);
      else name.splice(at, 0, random(10));
      if (name.length < 3) name.push(6);
    }
    return name;
  });
}

const missing = withoutTools("snmpd");

describe("beside snmpd", { skip: missing }, () => {
  let agent: Agent;
  let ours: Asker;
  let theirs: Asker;
  const hooks: (() => void)[] = [];

  before(async () => {
    const folder = scratch({ after: (hook: () => void) => void hooks.push(hook) });
    const port = freePort();
    const file = join(folder, "snmpd.conf");
    const lines = [
      `agentAddress udp:${LOOPBACK}:${port}`,
      "view seen included .1.3.6.1.2.1.1",
      "view seen excluded .1.3.6.1.2.1.1.8",
      "view seen excluded .1.3.6.1.2.1.1.9",
      "rocommunity public 127.0.0.0/8 -V seen",
      "sysServices 76",
      "",
    ];
    writeFileSync(file, lines.join("\n"));
    const child = spawn("snmpd", ["-f", "-Ln", "-C", "-c", file], {
      env: { ...process.env, MIBS: "", SNMPCONFPATH: folder, SNMP_PERSISTENT_DIR: folder },
      stdio: "ignore",
    });
    hooks.push(() => void child.kill("SIGKILL"));
    const view = { include: [SYSTEM], exclude: [oid("1.3.6.1.2.1.1.8"), oid("1.3.6.1.2.1.1.9")] };
    agent = await startAgent(
      agentOptions({
        listenAddresses: endpoints(`udp:${LOOPBACK}:0`),
        communities: [{ name: "public", sources: prefixes("127.0.0.0/8"), view }],
      }),
    );
    const askerOf = async (to: number): Promise<Asker> => {
      const socket = createSocket("udp4").bind(0, LOOPBACK);
      await once(socket, "listening");
      hooks.push(() => void socket.close());
      return new Asker(socket, to);
    };
    ours = await askerOf(Number(agent.listening()[0]?.address.split(":").at(-1)));
    theirs = await askerOf(port);
    const probe = createSocket("udp4").bind(0, LOOPBACK);
    let isUp = false;
    probe.on("message", () => {
      isUp = true;
    });
    await eventually(
      () => {
        probe.send(request({ names: [[...SYSTEM, 5, 0]] }), port, LOOPBACK);
        return isUp;
      },
      () => "snmpd does not answer",
    );
    probe.close();
  });
  after(async () => {
    await agent.close();
    for (const hook of hooks.reverse()) hook();
  });

  test(`${NAMES} names are answered alike by GET, GETNEXT and GETBULK`, async () => {
    const differences: string[] = [];
    for (const name of names()) {
      for (const [kind, type, second] of [
        ["GET", TAG.getRequest, 0],
        ["GETNEXT", TAG.getNextRequest, 0],
        ["GETBULK", TAG.getBulkRequest, 3],
      ] as const) {
        const datagram = request({ type, second, names: [name] });
        const [own, other] = [gist(await ours.ask(datagram)), gist(await theirs.ask(datagram))];
        if (own !== other) differences.push(`${kind} ${formatOid(name)}: ours ${own}; snmpd ${other}`);
      }
    }
    assert.deepEqual(differences.slice(0, 20), []);
  });

  test("numbers and lengths of more octets than they need are answered alike", async () => {
    const element = (tag: string, content: string, lengthOctets = 1) =>
      `${tag}${lengthOctets === 1 ? "" : (0x80 + lengthOctets).toString(16)}${(content.length / 2).toString(16).padStart(2 * lengthOctets, "0")}${content}`;
    const community = Buffer.from("public").toString("hex");
    const list = element("30", element("30", `${element("06", "2b06010201010100")}0500`));
    const get = (id: string, octets = 1, communityOctets = 1) => {
      const pdu = element("a0", `${id}020100020100${list}`, octets);
      const body = `020101${element("04", community, communityOctets)}${pdu}`;
      return Buffer.from(element("30", body, octets), "hex");
    };
    const datagrams: Readonly<Record<string, Buffer>> = {
      ...Object.fromEntries(
        [
          "020107",
          "020400000007",
          "02050000000007",
          "02080000000000000007",
          "0205ffffffffff",
          "0209000000000000000007",
        ].map((id) => [`request-id ${id}`, get(id)]),
      ),
      ...Object.fromEntries([2, 3, 4, 5, 8].map((octets) => [`a length of ${octets} octets`, get("020107", octets)])),
      "a community's length of 6 octets": get("020107", 1, 6),
    };
    const differences: string[] = [];
    for (const [what, datagram] of Object.entries(datagrams)) {
      const [own, other] = [gist(await ours.ask(datagram)), gist(await theirs.ask(datagram))];
      if (own !== other) differences.push(`${what}: ours ${own}; snmpd ${other}`);
    }
    assert.deepEqual(differences, []);
  });

  test("120 datagrams of which one octet is another are answered alike, or as the RFC says", async () => {
    const good = request({ names: [[...SYSTEM, 1, 0]] });
    const differences: string[] = [];
    for (let at = 0; at < 40; at++) {
      for (const octet of [0x00, 0x80, 0xff]) {
        const datagram = Buffer.from(good);
        datagram[at] = octet;
        const [own, other] = [gist(await ours.ask(datagram)), gist(await theirs.ask(datagram))];
        if (own !== other)
          differences.push(`${at}=${octet.toString(16).padStart(2, "0")}: ours ${own}; snmpd ${other}`);
      }
    }
    const listed = DIFFERENCES.flatMap(({ places, octet, ours: own, snmpd }) =>
      places.map((at) => [`${at}=${octet}: ours ${own}`, `; snmpd ${snmpd}`] as const),
    );
    const unlisted = differences.filter(
      (one) => !listed.some(([start, end]) => one.startsWith(start) && one.includes(end)),
    );
    assert.deepEqual(unlisted, []);
    assert.equal(differences.length, listed.length, "and what is listed is so");
  });
});
