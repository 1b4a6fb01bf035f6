/** Replies on the wire: none is a fragment, whatever was asked, and however little the way takes. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { TAG } from "#src/exposition/snmp/protocol/ber-reader.js";
import { request } from "../exposition/snmp/manager.ts";
import { Netns, NO_NETNS } from "../support/netns.ts";
import { Program } from "../support/program.ts";
import { manager, withoutTools } from "../support/snmp-tools.ts";
import { eventually } from "../support/wait.ts";

const PORT = 1161;

/** Asks until it is answered, and prints how long the answer is. */
const ASK = `
const { createSocket } = require("node:dgram");
const [address, port, request] = process.argv.slice(1);
const socket = createSocket(address.includes(":") ? "udp6" : "udp4");
const ask = () => socket.send(Buffer.from(request, "hex"), Number(port), address);
const timer = setInterval(ask, 500);
socket.on("message", (reply) => {
  process.stdout.write(String(reply.length));
  clearInterval(timer);
  socket.close();
});
ask();
`;

const names = (count: number) => Array.from({ length: count }, () => "1.3.6.1.2.1.1.1.0");
const REQUESTS = {
  bulk: request({ type: TAG.getBulkRequest, second: 1000, names: ["1.3"] }),
  get: request({ names: names(12) }),
  "get too much": request({ names: names(60) }),
};

describe("a reply", { skip: NO_NETNS || withoutTools("tcpdump") }, () => {
  test("is no fragment over IPv4 and IPv6, where the path takes less too", async (t) => {
    const host = Netns.create(t, "frag", { ipv6: true });
    const client = Netns.create(t, "asks", { ipv6: true });
    host.addVeth("va", "pa", client);
    host.ip("address", "add", "198.51.100.1/24", "dev", "va");
    host.ip("address", "add", "2001:db8::1/64", "dev", "va", "nodad");
    client.ip("address", "add", "198.51.100.100/24", "dev", "pa");
    client.ip("address", "add", "2001:db8::100/64", "dev", "pa", "nodad");
    const config = `groups: [{ name: ipmp0, interfaces: [va] }]
snmp:
  listen_addresses: ["udp:${PORT}", "udp6:${PORT}"]
  communities: [{ name: public, sources: [198.51.100.0/24, "2001:db8::/64"] }]
`;
    await Program.start(t, { ns: host, config });
    let seen = "";
    const filter = "(ip and ip[6:2] & 0x3fff != 0) or (ip6 and ip6[6] == 44)";
    const watch = client.spawn(["tcpdump", "-l", "-n", "-i", "pa", filter], { stdio: ["ignore", "pipe", "pipe"] });
    for (const stream of [watch.stdout, watch.stderr]) {
      stream?.setEncoding("utf8").on("data", (text: string) => {
        seen += text;
      });
    }
    await eventually(
      () => seen.includes("listening on pa"),
      () => seen,
    );
    const ask = async (address: string, what: keyof typeof REQUESTS) => {
      const hex = Buffer.from(REQUESTS[what]).toString("hex");
      return Number((await manager(client, process.execPath, "--eval", ASK, address, String(PORT), hex)).stdout);
    };
    for (const [what, ipv4, ipv6] of [
      [() => {}, 1472, 1452],
      // Of one destination, as ICMP would have told it.
      [
        () => {
          host.ip("route", "replace", "198.51.100.100/32", "dev", "va", "mtu", "900");
          host.ip("route", "replace", "2001:db8::100/128", "dev", "va", "mtu", "1300");
        },
        872,
        1252,
      ],
      [
        () => {
          for (const [ns, device] of [
            [host, "va"],
            [client, "pa"],
          ] as const) {
            ns.ip("link", "set", device, "mtu", "1280");
          }
          host.ip("route", "delete", "198.51.100.100/32");
          host.ip("route", "delete", "2001:db8::100/128");
        },
        1252,
        1232,
      ],
    ] as const) {
      what();
      for (const [address, most] of [
        ["198.51.100.1", ipv4],
        ["2001:db8::1", ipv6],
      ] as const) {
        // What was found for an address holds for a second.
        let length = 0;
        await eventually(
          async () => {
            length = await ask(address, "bulk");
            return length > most - 200 && length <= most;
          },
          () => `${length} octets from ${address}, at most ${most} are due`,
        );
        assert.ok((await ask(address, "get")) <= most);
        assert.ok((await ask(address, "get too much")) < 100, "tooBig");
      }
    }
    const fragments = () => seen.split("\n").filter((line) => /^\d\d:/.test(line));
    assert.deepEqual(
      fragments().filter((line) => line.includes(`.${PORT} >`)),
      [],
    );
    // And the watch would have seen one.
    const SEND = `require("node:dgram").createSocket("udp4").send(Buffer.alloc(3000), 9, "198.51.100.100", () => process.exit())`;
    host.run(process.execPath, "--eval", SEND);
    await eventually(
      () => fragments().length > 0,
      () => `no fragment seen:\n${seen}`,
    );
  });
});
