/** A host with several addresses: who asks one of them is answered by it, whichever the route would choose. */

import assert from "node:assert/strict";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, type TestContext, test } from "node:test";
import { linkLocal, Netns, NO_NETNS } from "../support/netns.ts";
import { Program } from "../support/program.ts";
import { scratch } from "../support/scratch.ts";
import { COMMUNITY, manager, TrapReceiver, withoutTools } from "../support/snmp-tools.ts";
import { eventually } from "../support/wait.ts";

const skip = NO_NETNS || withoutTools("snmpget", "snmptrapd", "perl", "prometheus-snmp-exporter", "curl");

const PORT = 1161;
const SYS_NAME = "1.3.6.1.2.1.1.5.0";
const NAME = "host.example.net";

const IPV4 = ["198.51.100.1", "198.51.100.2"] as const;
const IPV6 = ["2001:db8::1", "2001:db8::2"] as const;
/** These come and go. */
const FLOATING = { ipv4: "198.51.100.3", ipv6: "2001:db8::3" };

/** Replies reach a connected socket only from the address that it is connected to. */
const CONNECTED = `
const { createSocket } = require("node:dgram");
const [address, port, request] = process.argv.slice(1);
const socket = createSocket(address.includes(":") ? "udp6" : "udp4");
const ask = () => socket.send(Buffer.from(request, "hex"));
const timer = setInterval(ask, 500);
socket.on("error", () => {});
socket.on("message", (reply) => {
  process.stdout.write(/[a-z]+\\.example\\.net/.exec(reply.toString("latin1"))?.[0] ?? "");
  clearInterval(timer);
  socket.close();
});
socket.connect(Number(port), address, ask);
`;
const REQUEST = "302602010104067075626c6963a019020101020100020100300e300c06082b060102010105000500";

const NPM = `
const snmp = require("net-snmp");
const [address, port, name] = process.argv.slice(1);
const transport = address.includes(":") ? "udp6" : "udp4";
const session = snmp.createSession(address, "public", { port: Number(port), transport, version: snmp.Version2c, retries: 10, timeout: 2000 });
session.get([name], (error, varbinds) => {
  process.stdout.write(error ? String(error) : varbinds[0].value.toString());
  session.close();
});
`;

const PERL = `
use Net::SNMP;
my ($address, $port, $name) = @ARGV;
my $domain = $address =~ /:/ ? "udp6" : "udp";
my ($session, $error) = Net::SNMP->session(-hostname => $address, -port => $port, -domain => $domain, -version => "snmpv2c",
  -community => "public", -retries => 10, -timeout => 2);
die $error unless defined $session;
my $result = $session->get_request(-varbindlist => [$name]);
print defined $result ? $result->{$name} : $session->error();
`;

const bracketed = (address: string) => (address.includes(":") ? `[${address}]` : address);

type Ask = (ns: Netns, address: string) => Promise<string>;

const CLIENTS: Readonly<Record<string, Ask>> = {
  snmpget: async (ns, address) => {
    const agent = `${address.includes(":") ? "udp6" : "udp"}:${bracketed(address)}:${PORT}`;
    const { stdout, stderr } = await manager(ns, "snmpget", ...COMMUNITY, "-Oqv", agent, SYS_NAME);
    return stdout.trim() || stderr;
  },
  "perl Net::SNMP": async (ns, address) => {
    const { stdout, stderr } = await manager(ns, "perl", "-e", PERL, address, String(PORT), SYS_NAME);
    return stdout || stderr;
  },
  "npm net-snmp": async (ns, address) =>
    (await manager(ns, process.execPath, "--eval", NPM, address, String(PORT), SYS_NAME)).stdout,
  "a connected socket": async (ns, address) =>
    (await manager(ns, process.execPath, "--eval", CONNECTED, address, String(PORT), REQUEST)).stdout,
  "prometheus-snmp-exporter": async (ns, address) => {
    const target = encodeURIComponent(`${bracketed(address)}:${PORT}`);
    const { stdout } = await manager(ns, "curl", "-s", `http://127.0.0.1:9116/snmp?module=system&target=${target}`);
    return /sysName\{[^}]*sysName="([^"]*)"/.exec(stdout)?.[1] ?? stdout;
  },
};

const EXPORTER_MODULE = {
  system: {
    ...{ version: 2, auth: { community: "public" }, get: [SYS_NAME], timeout: "5s", retries: 5 },
    metrics: [{ name: "sysName", oid: SYS_NAME.replace(/\.0$/, ""), type: "DisplayString", help: "sysName" }],
  },
};

/** A host and a client on one wire. The first address of each family is the one that the host sends from by itself. */
async function stage(t: TestContext) {
  const host = Netns.create(t, "multi", { ipv6: true });
  const client = Netns.create(t, "asks", { ipv6: true });
  host.addVeth("va", "pa", client);
  for (const address of IPV4) host.ip("address", "add", `${address}/24`, "dev", "va");
  for (const address of IPV6) host.ip("address", "add", `${address}/64`, "dev", "va", "nodad");
  client.ip("address", "add", "198.51.100.100/24", "dev", "pa");
  client.ip("address", "add", "2001:db8::100/64", "dev", "pa", "nodad");
  await linkLocal(host, "va");
  await linkLocal(client, "pa");
  return { host, client };
}

const sources = "[198.51.100.0/24, '2001:db8::/64', 'fe80::/10', 127.0.0.1, '::1']";
const wildcard = `groups: [{ name: ipmp0, interfaces: [va] }]
snmp:
  listen_addresses: ["udp:${PORT}", "udp6:${PORT}"]
  system: { name: ${NAME} }
  communities: [{ name: public, sources: ${sources} }]
`;

async function startExporter(t: TestContext, client: Netns): Promise<void> {
  const file = join(scratch(t), "snmp.yml");
  writeFileSync(file, JSON.stringify(EXPORTER_MODULE)); // JSON is YAML
  const listen = "--web.listen-address=127.0.0.1:9116";
  client.spawn(["prometheus-snmp-exporter", `--config.file=${file}`, listen], { stdio: "ignore" });
  await eventually(
    async () => (await manager(client, "curl", "-sf", "http://127.0.0.1:9116/metrics")).stdout !== "",
    () => "prometheus-snmp-exporter does not answer",
  );
}

describe("a host with several addresses", { skip }, () => {
  for (const [source, args] of [
    ["netlink", []],
    ["procfs", ["--source=procfs"]],
  ] as const) {
    test(`answers every client from the address that was asked, also one that comes and goes, with ${source}`, async (t) => {
      const { host, client } = await stage(t);
      const program = await Program.start(t, { ns: host, config: wildcard, args });
      await startExporter(t, client);
      const all = async (addresses: readonly string[]) => {
        for (const [name, ask] of Object.entries(CLIENTS)) {
          for (const address of addresses) assert.equal(await ask(client, address), NAME, `${name} asks ${address}`);
        }
      };
      await all([...IPV4, ...IPV6]);

      for (let round = 0; round < 3; round++) {
        host.ip("address", "add", `${FLOATING.ipv4}/24`, "dev", "va");
        host.ip("address", "add", `${FLOATING.ipv6}/64`, "dev", "va", "nodad");
        await all(Object.values(FLOATING));
        host.ip("address", "delete", `${FLOATING.ipv4}/24`, "dev", "va");
        host.ip("address", "delete", `${FLOATING.ipv6}/64`, "dev", "va");
      }
      await all([IPV4[1], IPV6[1]]);
      const fe80 = `${await linkLocal(host, "va")}%pa`;
      assert.equal(await CLIENTS["snmpget"]?.(client, fe80), NAME, "a link-local address");
      for (const own of ["127.0.0.1", "127.0.0.2", "127.0.1.1"]) {
        const loopback = await manager(host, "snmpget", ...COMMUNITY, "-Oqv", `udp:${own}:${PORT}`, SYS_NAME);
        assert.equal(loopback.stdout.trim(), NAME, `this host itself, by ${own}`);
      }
      assert.deepEqual(
        program.log.filter((line) => /SNMP/.test(line)),
        [],
        "nothing of it is worth a line",
      );
    });
  }

  test("serves all other addresses where one is an IPv4 address written as one of IPv6", async (t) => {
    const { host, client } = await stage(t);
    host.ip("address", "add", "::ffff:198.51.100.1/128", "dev", "lo");
    const program = await Program.start(t, { ns: host, config: wildcard });
    const ask = CLIENTS["a connected socket"];
    for (const address of [IPV4[1], IPV6[1]]) assert.equal(await ask?.(client, address), NAME, address);
    assert.deepEqual(
      program.log.filter((line) => /SNMP/.test(line)),
      [],
    );
  });

  test("answers by a link that was made anew, under the same name and address, while it could not look", async (t) => {
    const { host, client } = await stage(t);
    const make = () => {
      host.addVeth("vb", "pb", client);
      host.ip("address", "add", "fe80::1/64", "dev", "vb", "nodad");
      client.ip("address", "add", "fe80::2/64", "dev", "pb", "nodad");
    };
    make();
    const fixed = "udp6:[fe80::1%vb]:1163";
    const listen = `listen_addresses: ["udp6:${PORT}", "${fixed}"]`;
    const program = await Program.start(t, { ns: host, config: wildcard.replace(/listen_addresses: .*/, listen) });
    const ask = CLIENTS["a connected socket"];
    assert.equal(await ask?.(client, "fe80::1%pb"), NAME);
    process.kill(program.pid, "SIGSTOP");
    host.ip("link", "delete", "vb");
    make();
    process.kill(program.pid, "SIGCONT");
    assert.equal(await ask?.(client, "fe80::1%pb"), NAME, "the one of every address");
    const get = await manager(client, "snmpget", ...COMMUNITY, "-Oqv", "udp6:[fe80::1%pb]:1163", SYS_NAME);
    assert.equal(get.stdout.trim(), NAME, "the one of that address");
  });

  test("waits for an address that is not there, says so, and listens when it comes", async (t) => {
    const { host, client } = await stage(t);
    const addresses = [`udp:${FLOATING.ipv4}:${PORT}`, `udp6:[${FLOATING.ipv6}]:${PORT}`];
    const config = wildcard.replace(/listen_addresses: .*/, `listen_addresses: ${JSON.stringify(addresses)}`);
    const program = await Program.start(t, { ns: host, config });
    for (const address of addresses) {
      await program.logged("SNMP waits for an address", address);
      await program.until(`ipmp_snmp_listening{address="${address}"}`, "0");
    }
    for (const round of [1, 2]) {
      host.ip("address", "add", `${FLOATING.ipv4}/24`, "dev", "va");
      host.ip("address", "add", `${FLOATING.ipv6}/64`, "dev", "va", "nodad");
      for (const [i, address] of addresses.entries()) {
        await program.until(`ipmp_snmp_listening{address="${address}"}`, "1");
        const asked = Object.values(FLOATING)[i] ?? "";
        assert.equal(await CLIENTS["a connected socket"]?.(client, asked), NAME, `${address}, time ${round}`);
      }
      host.ip("address", "delete", `${FLOATING.ipv4}/24`, "dev", "va");
      host.ip("address", "delete", `${FLOATING.ipv6}/64`, "dev", "va");
      for (const address of addresses) await program.until(`ipmp_snmp_listening{address="${address}"}`, "0");
    }
    assert.equal(await program.stop(), 0);
  });

  test("does not start where another program has the port", async (t) => {
    const { host } = await stage(t);
    const taken = host.spawn([process.execPath, "--eval", TAKE, IPV4[1], String(PORT)], {
      stdio: ["ignore", "pipe", "ignore"],
    });
    if (taken.stdout) await once(taken.stdout, "data");
    const program = Program.launch(t, { ns: host, config: wildcard });
    assert.equal(await program.exited(), 1);
    assert.ok(
      program.log.some((line) => line.includes(`Cannot listen on udp:${IPV4[1]}:${PORT} for SNMP: another program`)),
      program.log.join("\n"),
    );
  });

  test("notifies from the address that the configuration says, as soon as it is there", async (t) => {
    const { host, client } = await stage(t);
    const receivers = await Promise.all(
      ["udp:198.51.100.100:1162", "udp6:[2001:db8::100]:1162"].map((listen) =>
        TrapReceiver.start(client, scratch(t), ["authCommunity log public"], listen),
      ),
    );
    t.after(() => Promise.all(receivers.map((receiver) => receiver.stop())));
    const config = `groups: [{ name: ipmp0, interfaces: [va, vb] }]
snmp:
  listen_addresses: none
  damping: 100ms
  notifications:
    - { target: "udp:198.51.100.100:1162", type: inform, source_address: ${FLOATING.ipv4} }
    - { target: "udp6:[2001:db8::100]:1162", source_address: "${IPV6[1]}" }
`;
    host.addVeth("vb", "pb", client);
    const program = await Program.start(t, { ns: host, config });
    await program.logged("SNMP notifications wait for their source address", FLOATING.ipv4);
    host.ip("link", "set", "vb", "down");
    const [ipv4, ipv6] = receivers;
    await ipv6?.received("ipmpGroupStateChange", `[${IPV6[1]}]`);
    assert.deepEqual(ipv4?.lines, [], "it waits");
    host.ip("address", "add", `${FLOATING.ipv4}/24`, "dev", "va");
    await ipv4?.received("ipmpGroupStateChange", `[${FLOATING.ipv4}]`);
    assert.equal((await program.metrics()).get("ipmp_snmp_informs_unacknowledged_total"), "0");
  });
});

const TAKE = `
const [address, port] = process.argv.slice(1);
require("node:dgram").createSocket("udp4").bind(Number(port), address, () => process.stdout.write("bound"));
`;
