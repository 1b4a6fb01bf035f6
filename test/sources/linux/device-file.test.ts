import assert from "node:assert/strict";
import { mkdirSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, test } from "node:test";
import { hasDevice, readHardware } from "#src/sources/linux/device-file.js";
import { NO_HARDWARE } from "../../support/no-hardware.ts";
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

describe("what the tree of devices tells", () => {
  /** A link whose device is the folder at `path` below sys/devices, with links in it to other places below sys. */
  function hardware(tree: Tree, path: string, links: Readonly<Record<string, string>> = {}, files = {}) {
    const device = join(tree.sysfs, "devices", path);
    const link = (from: string, to: string) => {
      mkdirSync(to, { recursive: true });
      mkdirSync(dirname(from), { recursive: true });
      symlinkSync(to, from);
    };
    link(join(tree.sysfs, "class/net/eth0/device"), device);
    for (const [name, to] of Object.entries(links)) link(join(device, name), join(tree.sysfs, to));
    for (const [name, text] of Object.entries(files)) tree.write(join("sys/devices", path, name), String(text));
    return readHardware(tree.sysfs, "eth0");
  }

  test("of a PCI function: its address, module and NUMA node; -1 is no node", (t) => {
    const driver = { driver: "bus/pci/drivers/ixgbe", "driver/module": "module/ixgbe" };
    const path = "pci0000:3a/0000:3a:00.0/0000:3b:00.1";
    const told = hardware(new Tree(t), path, driver, { numa_node: "1\n" });
    assert.deepEqual(told, { ...NO_HARDWARE, pciFunction: "0000:3b:00.1", module: "ixgbe", numaNode: 1 });
    const alone = hardware(new Tree(t), path, {}, { numa_node: "-1\n" });
    assert.deepEqual(alone, { ...NO_HARDWARE, pciFunction: "0000:3b:00.1" });
  });

  test("of a virtual function: the physical one", (t) => {
    const links = { physfn: "devices/pci0000:3a/0000:3b:00.1" };
    const told = hardware(new Tree(t), "pci0000:3a/0000:3b:02.3", links);
    assert.deepEqual(told, { ...NO_HARDWARE, pciFunction: "0000:3b:02.3", physicalFunction: "0000:3b:00.1" });
  });

  test("of two devices of one card behind a bridge of its own: the slot that the card is in", (t) => {
    const card = "pci0000:00/0000:00:03.0/0000:03:00.0";
    const tree = new Tree(t);
    tree.write("sys/bus/pci/slots/3/address", "0000:03:00\n");
    tree.write("sys/bus/pci/slots/4/address", "0000:04:00\n");
    const told = hardware(tree, `${card}/0000:04:02.0/0000:06:00.1`);
    assert.deepEqual(told, { ...NO_HARDWARE, pciFunction: "0000:06:00.1", slot: "0000:03:00" });
    const untold = hardware(new Tree(t), `${card}/0000:04:02.0/0000:06:00.1`);
    assert.deepEqual(untold, { ...NO_HARDWARE, pciFunction: "0000:06:00.1" });
  });

  test("of virtio and USB: the PCI function that they sit on", (t) => {
    const virtio = hardware(new Tree(t), "pci0000:00/0000:00:03.0/virtio0");
    assert.deepEqual(virtio, { ...NO_HARDWARE, pciFunction: "0000:00:03.0" });
    const usb = hardware(new Tree(t), "pci0000:00/0000:00:14.0/usb1/1-2/1-2.3/1-2.3:1.0");
    assert.deepEqual(usb, { ...NO_HARDWARE, pciFunction: "0000:00:14.0", usbDevice: "1-2.3" });
  });

  test("is nothing of a link without a device, and nothing of PCI of one on another bus", (t) => {
    assert.equal(readHardware(new Tree(t).sysfs, "eth0"), undefined);
    assert.deepEqual(hardware(new Tree(t), "platform/soc/30be0000.ethernet"), NO_HARDWARE);
  });
});
