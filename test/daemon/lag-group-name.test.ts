import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { lagGroupName } from "#src/daemon/groups/lag-group-name.js";

describe("the name of a LAG's group", () => {
  test("is the LAG's label where that fits", () => {
    assert.equal(lagGroupName("sw1", "Po1"), "sw1:Po1");
    assert.equal(lagGroupName("rack-12-leaf-1", "Port-Channel1001"), "rack-12-leaf-1:Port-Channel1001");
  });

  test("has 31 bytes at most, its end, and is another for another device", () => {
    const names = ["leaf1", "leaf2"].map((leaf) => lagGroupName(`${leaf}.rack12.example.com`, "Port-Channel10"));
    assert.equal(new Set(names).size, 2);
    for (const name of names) {
      assert.equal(Buffer.byteLength(name), 31);
      assert.match(name, /^[0-9a-f]{4}~.*:Port-Channel10$/);
    }
  });

  test("is cut between characters", () => {
    for (let n = 0; n < 8; n++) {
      const name = lagGroupName("sw1", `${"ü€".repeat(20)}${"x".repeat(n)}`);
      assert.ok(Buffer.byteLength(name) <= 31 && !name.includes("\uFFFD"), name);
    }
  });
});
