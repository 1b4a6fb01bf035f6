import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { hasDevice } from "#src/sources/linux/device-file.js";
import { ipLinks, Tree } from "./fixtures.ts";

describe("a device behind a link, by sysfs", () => {
  const va = ipLinks().find(({ ifname }) => ifname === "va");
  const number = va?.ifindex ?? -1;
  const address = va?.address ?? "";

  test("is there when the link of that name, number and address has one", (t) => {
    const tree = new Tree(t);
    assert.equal(hasDevice(tree.sysfs, "va", number, address), false);
    tree.write("sys/class/net/va/device/uevent", "DRIVER=ixgbe\n");
    assert.equal(hasDevice(tree.sysfs, "va", number, address), true);
  });

  test("of another namespace's link of that name is not this link's", (t) => {
    const tree = new Tree(t);
    tree.write("sys/class/net/va/device/uevent", "DRIVER=ixgbe\n");
    assert.equal(hasDevice(tree.sysfs, "va", number + 1, address), false);
    assert.equal(hasDevice(tree.sysfs, "va", number, "02:00:00:00:00:01"), false);
  });

  test("is not there without sysfs", () => assert.equal(hasDevice("/nonexistent", "va", number, address), false));
});
