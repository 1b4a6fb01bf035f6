/**
 * Makes the fixtures of test/fixtures/linux anew from this machine's kernel (see the README there): real answers of rtnetlink
 * as bytes, /proc and /sys as they were, and what ip(8) said of the same moment. As root:
 *
 *   npx tsc -p tsconfig.test.json && node .test-build/test/sources/linux/capture.js
 */

import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { ERRNO, type Libc, loadLibc } from "#src/os/libc.js";
import { AF, SOCK } from "#src/os/socket.js";
import { addressDumpRequest } from "#src/sources/linux/address-message.js";
import { linkDumpRequest } from "#src/sources/linux/link-message.js";
import { eachMessage, type Frame, frameOf } from "#src/sources/linux/netlink-wire.js";
import { routeDumpRequest } from "#src/sources/linux/route-message.js";
import { NETLINK_ROUTE, NLMSG, RTNLGRP } from "#src/sources/linux/rtnetlink.js";
import { statsDumpRequest } from "#src/sources/linux/stats-message.js";
import { Netns } from "../../support/netns.ts";
import { root } from "../../support/root.ts";

const FOLDER = root("test", "fixtures", "linux");
const SYSFS_FILES = [
  ..."address carrier flags ifalias ifindex mtu operstate speed type uevent".split(" "),
  ..."statistics/rx_bytes statistics/tx_bytes master/ifindex".split(" "),
];

const script = fileURLToPath(import.meta.url);
if (process.argv[2] === "inside") await inside();
else outside();

function outside(): void {
  const hooks: (() => void)[] = [];
  const ns = Netns.create({ after: (hook) => hooks.push(hook) }, "capture", { ipv6: true });
  try {
    ns.addVeth("va", "vb");
    ns.addVeth("vc", "vd");
    ns.ip("link", "set", "va", "alias", "uplink to the north");
    ns.ip("link", "add", "mv0", "link", "va", "type", "macvlan", "mode", "bridge");
    ns.ip("link", "set", "mv0", "up");
    ns.ip("link", "add", "name", "bridge0", "type", "bridge");
    ns.ip("link", "set", "vd", "master", "bridge0");
    ns.ip(..."address add 2001:db8:1::1/64 dev va nodad".split(" "));
    ns.ip(..."address add 2001:db8:3::1/64 dev vc nodad".split(" "));
    ns.ip(
      ..."route add default metric 5".split(" "),
      ..."nexthop via 10.200.1.2 dev va weight 1 nexthop via 10.200.3.2 dev vc weight 3".split(" "),
    );
    ns.ip(..."nexthop add id 1 via 10.200.1.2 dev va".split(" "));
    ns.ip(..."nexthop add id 2 via 10.200.3.2 dev vc".split(" "));
    ns.ip(..."nexthop add id 10 group 1,2/2,3".split(" "));
    ns.ip(..."route add default metric 6 nhid 10".split(" "));
    ns.ip(..."-4 route add default metric 7 via inet6 2001:db8:3::2 dev vc".split(" "));
    ns.ip(..."route add 198.51.100.0/24 dev vc".split(" "));
    ns.ip(..."route add default dev vc table 100".split(" "));
    ns.ip(..."-6 route add default metric 7 via 2001:db8:1::2 dev va".split(" "));
    ns.ip(..."-6 route append default metric 7 via 2001:db8:3::2 dev vc".split(" "));
    ns.ip(..."-6 route add unreachable default metric 4000".split(" "));
    ns.send("va", { packets: 300, bytes: 1000 });
    ns.send("vb", { packets: 200, bytes: 500 });
    ns.send("vc", { packets: 100, bytes: 100 });
    process.stdout.write(ns.run(process.execPath, script, "inside"));
  } finally {
    for (const hook of hooks) hook();
  }
}

async function inside(): Promise<void> {
  const ip = (...args: string[]) => execFileSync("ip", args, { encoding: "utf8" });
  const libc = await loadLibc();
  for (;;) {
    const before = ip("-s", "-j", "-d", "link");
    dump(libc, "getlink", linkDumpRequest());
    dump(libc, "getstats", statsDumpRequest());
    dump(libc, "getaddr", addressDumpRequest());
    dump(libc, "getroute-ipv4", routeDumpRequest("ipv4"));
    dump(libc, "getroute-ipv6", routeDumpRequest("ipv6"));
    const files = JSON.stringify({ ...procFiles(), ...sysFiles() }, null, 1);
    if (ip("-s", "-j", "-d", "link") !== before) continue; // something was still being sent
    keep("files.json", files);
    keep("ip-link.json", JSON.stringify(JSON.parse(before), null, 1));
    break;
  }
  keep("ip-address.json", JSON.stringify(JSON.parse(ip("-j", "address")), null, 1));

  const events = open(libc);
  libc.setOption(events, 270, 1, new Uint8Array(Int32Array.of(RTNLGRP.LINK).buffer)); // SOL_NETLINK, ADD_MEMBERSHIP
  ip("link", "set", "vb", "down");
  ip("link", "set", "vb", "up");
  ip("link", "set", "vc", "name", "renamed");
  ip("link", "set", "vd", "nomaster");
  const last = ip("-s", "-j", "link", "show", "dev", "mv0");
  ip("link", "delete", "mv0");
  keep("events.bin", receiveAll(libc, events));
  keep("ip-link-mv0.json", JSON.stringify(JSON.parse(last), null, 1));
}

function keep(file: string, content: string | Uint8Array): void {
  mkdirSync(FOLDER, { recursive: true });
  writeFileSync(join(FOLDER, file), content);
}

function open(libc: Libc): number {
  const fd = libc.socket(AF.NETLINK, SOCK.RAW | SOCK.NONBLOCK, NETLINK_ROUTE);
  const address = new Uint8Array(12);
  address[0] = AF.NETLINK;
  libc.bind(fd, address);
  return fd;
}

function dump(libc: Libc, name: string, ask: Frame): void {
  const fd = open(libc);
  ask.u32[2] = 1;
  libc.send(fd, ask.bytes);
  keep(`${name}.bin`, receiveAll(libc, fd));
  libc.close(fd);
}

/** Datagrams one after the other: each is a multiple of four bytes long, so that the messages simply follow. */
function receiveAll(libc: Libc, fd: number): Uint8Array {
  const datagrams: Uint8Array[] = [];
  const buffer = new Uint8Array(32 * 1024);
  let done = false;
  while (!done) {
    const size = libc.receive(fd, buffer);
    if (size === -ERRNO.EAGAIN) break;
    const datagram = new Uint8Array((size + 3) & ~3);
    datagram.set(buffer.subarray(0, size));
    datagrams.push(datagram);
    eachMessage(frameOf(datagram), datagram.length, ({ type }) => {
      done ||= type === NLMSG.DONE;
      return true;
    });
  }
  return Buffer.concat(datagrams);
}

/** Files by path. */
function procFiles(): Record<string, string> {
  const names = ["dev", "igmp", "dev_mcast", "if_inet6", "route", "ipv6_route"];
  for (const name of readdirSync("/proc/self/net/dev_snmp6")) names.push(`dev_snmp6/${name}`);
  const entries = names.map((name) => {
    const text = readFileSync(join("/proc/self/net", name), "utf8");
    return [`proc/self/net/${name}`, name.startsWith("dev_snmp6") ? text.slice(0, text.indexOf("\n") + 1) : text];
  });
  return Object.fromEntries(entries);
}

function sysFiles(): Record<string, string> {
  const files: Record<string, string> = {};
  for (const name of readdirSync("/sys/class/net")) {
    for (const file of SYSFS_FILES) {
      const path = `sys/class/net/${name}/${file}`;
      try {
        files[path] = readFileSync(`/${path}`, "utf8");
      } catch {
        // carrier and speed refuse for a link that is down; master is not there
      }
    }
  }
  return files;
}
