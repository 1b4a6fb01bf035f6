import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { ECHO_TYPES, echoRequest, parseEchoReply } from "#src/probe-socket/echo-message.js";

const { ipv4: IPV4 } = ECHO_TYPES;

const viewOf = ({ buffer, byteOffset, length }: Uint8Array): DataView => new DataView(buffer, byteOffset, length);

describe("an echo reply", () => {
  test("brings back what its request said", () => {
    const probes = fc.record({
      kind: fc.constantFrom("uni", "multi", "rtt"),
      sequence: fc.integer({ min: 0, max: 65_535 }),
      sentAt: fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }),
    });
    fc.assert(
      fc.property(fc.constantFrom("ipv4", "ipv6"), probes, (family, probe) => {
        const types = ECHO_TYPES[family];
        const packet = echoRequest(types, probe).slice();
        assert.equal(parseEchoReply(types, viewOf(packet), packet.length), undefined); // a request is no reply
        packet[0] = types.reply;
        assert.deepEqual(parseEchoReply(types, viewOf(packet), packet.length), { ...probe });
      }),
    );
  });

  test("of any other kind is nobody's", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        const parsed = parseEchoReply(IPV4, viewOf(bytes), bytes.length);
        assert.ok(parsed === undefined || (bytes.length >= 24 && bytes[0] === 0 && bytes[1] === 0));
      }),
    );
    const short = echoRequest(IPV4, { kind: "uni", sequence: 1, sentAt: 0 }).slice();
    short[0] = 0;
    assert.equal(parseEchoReply(IPV4, viewOf(short), 23), undefined);
  });
});
