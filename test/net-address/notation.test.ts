/** Prefixes and endpoints: what each notation means, and that what is written is read as the same again. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { type AgentxSocket, formatAgentxSocket, parseAgentxSocket } from "#src/net-address/agentx-socket.js";
import { formatHttpAddress, type HttpAddress, parseHttpAddress } from "#src/net-address/http-address.js";
import { type IpAddress, ipAddressOf } from "#src/net-address/ip-address.js";
import { isLinkLocal, parseIpPrefix } from "#src/net-address/ip-prefix.js";
import {
  formatSnmpEndpoint,
  isAddressOf,
  parseNotificationTarget,
  parseSnmpEndpoint,
  type SnmpEndpoint,
} from "#src/net-address/snmp-endpoint.js";
import { endpoint } from "../support/net-address.ts";

const tcp = (host: string | undefined, port: number): HttpAddress => ({ kind: "tcp", host, port });
const udp4 = (address: string, port: number) => ({ transport: "udp4", address, port });
const udp6 = (address: string, port: number) => ({ transport: "udp6", address, port });

/** A parser, a text, and what it is. */
const PARSED: readonly (readonly [(text: string) => unknown, string, unknown])[] = [
  [parseIpPrefix, "192.0.2.0/24", { family: "ipv4", address: "192.0.2.0", prefixLength: 24 }],
  [parseIpPrefix, "2001:DB8::/32", { family: "ipv6", address: "2001:db8::", prefixLength: 32 }],
  [parseIpPrefix, "::1", { family: "ipv6", address: "::1", prefixLength: 128 }],
  ...["::1/129", "192.0.2.0/", "192.0.2.0/33", "1.2.3.4/-1", "1.2.3.4/8/8", "example.net", ""].map(
    (text) => [parseIpPrefix, text, undefined] as const,
  ),
  [parseHttpAddress, ":10191", tcp(undefined, 10_191)],
  [parseHttpAddress, "127.0.0.1:0", tcp("127.0.0.1", 0)],
  [parseHttpAddress, "[::1]:9", tcp("::1", 9)],
  [parseHttpAddress, "[FE80::1%eth0]:9", tcp("fe80::1%eth0", 9)],
  [parseHttpAddress, "localhost:65535", tcp("localhost", 65_535)],
  [parseHttpAddress, "unix:/run/x.sock", { kind: "unix", path: "/run/x.sock" }],
  ...["", "10191", "::1:9", "127.0.0.1", "127.0.0.1:65536", "host:-1", "unix:run/x", "[::1]", "a b:1"].map(
    (text) => [parseHttpAddress, text, undefined] as const,
  ),
  ...["[127.0.0.1]:80", "192.0.2:80", "[::1%]:80", "[::1%eth0%eth1]:80"].map(
    (text) => [parseHttpAddress, text, undefined] as const,
  ),
  [parseSnmpEndpoint, "udp:127.0.0.1:1161", udp4("127.0.0.1", 1161)],
  [parseSnmpEndpoint, "127.0.0.1", udp4("127.0.0.1", 161)],
  [parseSnmpEndpoint, "udp:1161", udp4("0.0.0.0", 1161)],
  [parseSnmpEndpoint, "udp6:1161", udp6("::", 1161)],
  [parseSnmpEndpoint, "udp:[2001:DB8::1]:1161", udp6("2001:db8::1", 1161)],
  [parseSnmpEndpoint, "udp6:[::]", udp6("::", 161)],
  [parseSnmpEndpoint, "udp6:[FE80::1%eth0.7]:1161", { ...udp6("fe80::1", 1161), zone: "eth0.7" }],
  [parseNotificationTarget, "udp6:[fe80::5%eth0]", { ...udp6("fe80::5", 162), zone: "eth0" }],
  // One of many addresses without its link, and a link where none belongs.
  ...["udp6:[fe80::1]:161", "udp6:[2001:db8::1%eth0]:161", "udp6:[fe80::1%]:161"].map(
    (text) => [parseSnmpEndpoint, text, undefined] as const,
  ),
  ...["", "tcp:127.0.0.1:161", "udp:localhost:161", "udp6:127.0.0.1:161", "udp:1:70000", "udp:[127.0.0.1]:161"].map(
    (text) => [parseSnmpEndpoint, text, undefined] as const,
  ),
  [parseNotificationTarget, "udp:192.0.2.5", udp4("192.0.2.5", 162)],
  [parseAgentxSocket, "/run/snmpd/agentx.sock", { kind: "unix", path: "/run/snmpd/agentx.sock" }],
  [parseAgentxSocket, "unix:/a", { kind: "unix", path: "/a" }],
  [parseAgentxSocket, "tcp:localhost:705", { kind: "tcp", host: "localhost", port: 705 }],
  [parseAgentxSocket, "tcp:[::1]:705", { kind: "tcp", host: "::1", port: 705 }],
  [parseAgentxSocket, "tcp::705", undefined],
  [parseAgentxSocket, "agentx.sock", undefined],
];

describe("a text is read as", () => {
  for (const [parse, text, expected] of PARSED) {
    test(`${parse.name} "${text}"`, () => assert.deepEqual(parse(text), expected));
  }
});

const address: fc.Arbitrary<IpAddress> = fc
  .constantFrom(4, 16)
  .chain((length) => fc.uint8Array({ minLength: length, maxLength: length }))
  .map((octets) => ipAddressOf(octets) ?? assert.fail());
const port = fc.integer({ min: 1, max: 65_535 });
const path = fc.stringMatching(/^\/[!-~]{1,20}$/);
const host = fc.oneof(address, fc.constantFrom("localhost", "host.example"), fc.constant("fe80::1%eth0"));
const unix = path.map((path) => ({ kind: "unix" as const, path }));

describe("what is written is read as the same", () => {
  test("of a prefix", () =>
    fc.assert(
      fc.property(address, fc.nat(32), (address, length) => {
        const text = `${address}/${length}`;
        const prefix = parseIpPrefix(text) ?? assert.fail(text);
        assert.equal(`${prefix.address}/${prefix.prefixLength}`, text);
      }),
    ));

  test("of an HTTP address", () => {
    const any = fc.oneof(
      unix,
      fc.tuple(fc.option(host, { nil: undefined }), port).map(([host, port]) => tcp(host, port)),
    );
    fc.assert(fc.property(any, (value) => assert.deepEqual(parseHttpAddress(formatHttpAddress(value)), value)));
  });

  test("of an SNMP endpoint", () => {
    const any = fc.tuple(address, port).map(([address, port]): SnmpEndpoint => {
      const zone = isLinkLocal(address) ? { zone: "eth0" } : {};
      return { transport: address.includes(":") ? "udp6" : "udp4", address, ...zone, port };
    });
    fc.assert(fc.property(any, (value) => assert.deepEqual(parseSnmpEndpoint(formatSnmpEndpoint(value)), value)));
  });

  test("of a master agent's socket", () => {
    const any: fc.Arbitrary<AgentxSocket> = fc.oneof(
      unix,
      fc.tuple(host, port).map(([host, port]) => ({ kind: "tcp" as const, host, port })),
    );
    fc.assert(fc.property(any, (value) => assert.deepEqual(parseAgentxSocket(formatAgentxSocket(value)), value)));
  });
});

test("a link-local address is known by the link's name, also where its number was written", () => {
  for (const [written, told, isIt] of [
    ["udp6:[fe80::1%eth0]:162", "fe80::1%eth0", true],
    ["udp6:[fe80::1%eth0]:162", "fe80::1%eth1", false],
    ["udp6:[fe80::1%3]:162", "fe80::1%eth0", true],
    ["udp6:[fe80::1%3]:162", "fe80::2%eth0", false],
    ["udp:192.0.2.1:162", "192.0.2.1", true],
    ["udp:192.0.2.1:162", "192.0.2.2", false],
  ] as const) {
    assert.equal(isAddressOf(endpoint(written), told), isIt, `${written} ${told}`);
  }
});
