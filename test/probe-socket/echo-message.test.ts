import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { echoRequest, parseEchoReply } from "#src/probe-socket/echo-message.js";

const REPLY = { ipv4: 0, ipv6: 129 } as const;

describe("an echo reply", () => {
  test("brings back what its request said", () => {
    const probes = fc.record({
      kind: fc.constantFrom("uni", "multi", "rtt"),
      sequence: fc.integer({ min: 0, max: 65_535 }),
      sentAt: fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }),
    });
    fc.assert(
      fc.property(fc.constantFrom("ipv4", "ipv6"), probes, (family, probe) => {
        const packet = echoRequest(family, probe).slice();
        assert.equal(parseEchoReply(family, packet, packet.length), undefined); // a request is no reply
        packet[0] = REPLY[family];
        assert.deepEqual(parseEchoReply(family, packet, packet.length), { ...probe });
      }),
    );
  });

  test("of any other kind is nobody's", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        const parsed = parseEchoReply("ipv4", bytes, bytes.length);
        assert.ok(parsed === undefined || (bytes.length >= 24 && bytes[0] === 0 && bytes[1] === 0));
      }),
    );
    const short = echoRequest("ipv4", { kind: "uni", sequence: 1, sentAt: 0 }).slice();
    short[0] = 0;
    assert.equal(parseEchoReply("ipv4", short, 23), undefined);
  });
});
