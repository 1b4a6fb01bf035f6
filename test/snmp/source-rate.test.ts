import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { RateLimit } from "#src/snmp/source-rate.js";

describe("a rate limit of 10 a second and 3 at once", () => {
  function limit() {
    let now = 0;
    const rate = new RateLimit({ perSecond: 10, burst: 3 }, () => now);
    const passed = (address: string, times: number) =>
      Array.from({ length: times }, () => rate.allows(address)).filter(Boolean).length;
    return {
      passed,
      later(ms: number) {
        now += ms;
      },
    };
  }

  test("lets a burst through and then so many a second", () => {
    const { passed, later } = limit();
    assert.equal(passed("192.0.2.1", 10), 3);
    later(100);
    assert.equal(passed("192.0.2.1", 10), 1);
    later(60_000);
    assert.equal(passed("192.0.2.1", 10), 3);
  });

  test("keeps sources apart, and addresses of one IPv6 network together", () => {
    const { passed } = limit();
    assert.equal(passed("192.0.2.1", 5), 3);
    assert.equal(passed("192.0.2.2", 5), 3);
    assert.equal(passed("2001:db8:0:1::1", 2), 2);
    assert.equal(passed("2001:db8:0:1:5:6:7:8", 5), 1);
    assert.equal(passed("2001:db8:0:2::1", 5), 3);
    assert.equal(passed("2001:db8::1", 2), 2);
    assert.equal(passed("2001:db8:0:0:1::", 5), 1);
    assert.equal(passed("2001:db8::3:4:5:6:7", 5), 3);
  });

  test("leaves this host alone", () => {
    const { passed } = limit();
    for (const address of ["127.0.0.1", "::1", "::ffff:127.0.0.1"]) assert.equal(passed(address, 1000), 1000);
  });

  test("forgets the oldest of very many sources, and never fails", () => {
    const { passed } = limit();
    for (let i = 0; i < 5000; i++) assert.equal(passed(`10.0.${i >> 8}.${i & 255}`, 1), 1);
    assert.equal(passed("10.0.0.0", 5), 3);
  });
});
