/** Every mistake that the configuration knows, and the very words in which it is told. */

import assert from "node:assert/strict";
import { resolve } from "node:path";
import { describe, test } from "node:test";
import { messages } from "./support.ts";

type Row = readonly [text: string, ...messages: string[]];

const GROUP = "groups:\n  - name: a\n    interfaces: [eth0]\n";
const MEMBERS = "name, ifname, interfaces, addresses, probes, min_active";
const DEVICE = "a device name of 1 to 127 bytes without slash, colon or space";
const NAME = "a group name of 1 to 31 bytes without control characters";
const IFNAME = "an interface name of 1 to 31 bytes without slash, colon or space";
const ADDRESS = "an IPv4 or IPv6 address without prefix length or zone";
const FDT = "a duration from 100ms to 24h, such as 10s or 1500ms";
const LISTEN = "HOST:PORT, such as :10191, 127.0.0.1:10191 or [::1]:10191, or unix:/PATH of 107 bytes at most";
const SOCKET = "the path of a Unix socket, 107 bytes at most, or none";
const SNMP_LISTEN =
  "udp:ADDRESS:PORT, such as udp:127.0.0.1:1161, udp6:[::1]:1161 or udp6:[fe80::1%eth0]:1161, or none";
const PATH = "a path such as /metrics, not below /api or /-";
const CRON = 'a cron expression of five or six fields, such as "*/15 * * * * *"';

const ROWS: Readonly<Record<string, readonly Row[]>> = {
  "unknown keys": [
    [
      "webb: {}",
      "c.yml:1:1: webb: unknown key: expected one of groups, sources, shared_fate, discovery, detection, web, snmp, state, control, log, path, source (did you mean web?)",
    ],
    [
      "groups:\n  - name: a\n    interfaces: [eth0]\n    adresses: []",
      `c.yml:4:5: groups[0].adresses: unknown key: expected one of ${MEMBERS} (did you mean addresses?)`,
    ],
    [
      "detection: { failureDetectionTime: 10s }",
      "c.yml:1:14: detection.failureDetectionTime: unknown key: expected one of failure_detection_time, failback, lacp_other_aggregator, probes (did you mean failure_detection_time?)",
    ],
    // The key that it was meant to be is not missing besides; another one is.
    [
      "groups: [{ nmae: up }]",
      "c.yml:1:10: groups[0].interfaces: missing: expected a list of device names, or objects with device or match",
      `c.yml:1:12: groups[0].nmae: unknown key: expected one of ${MEMBERS} (did you mean name?)`,
    ],
    // A value that is there is wrong whatever the key beside it was meant to be.
    [
      "groups: [{ name: up, interfaces: 5, interface: [eth0] }]",
      "c.yml:1:34: groups[0].interfaces: found 5: expected a list of device names, or objects with device or match",
      `c.yml:1:37: groups[0].interface: unknown key: expected one of ${MEMBERS} (did you mean interfaces?)`,
    ],
    ["log: { colour: red }", "c.yml:1:8: log.colour: unknown key: expected one of level, format"],
    [
      "groups: [{ name: a, interfaces: [{ devise: x }] }]",
      "c.yml:1:36: groups[0].interfaces[0].devise: unknown key: expected one of source, device, match, standby (did you mean device?)",
    ],
    [
      '"a\\nb": 1',
      'c.yml:1:1: ["a\\nb"]: unknown key: expected one of groups, sources, shared_fate, discovery, detection, web, snmp, state, control, log, path, source',
    ],
  ],
  "wrong types": [
    ["groups: {}", "c.yml:1:9: groups: found an object: expected a list of groups"],
    [
      "- a",
      "c.yml:1:1: found a list: expected an object with groups, sources, shared_fate, discovery, detection, web, snmp, state, control, log, path or source",
    ],
    [
      "just text",
      "c.yml:1:1: found text: expected an object with groups, sources, shared_fate, discovery, detection, web, snmp, state, control, log, path or source",
    ],
    [
      "groups:\n  - name: ipmp0\n    interfaces:\n      - eth0\n      - 42",
      "c.yml:5:9: groups[0].interfaces[1]: found 42: expected a device name or an object with device or match",
    ],
    ["groups: [eth0]", `c.yml:1:10: groups[0]: found "eth0": expected an object with name and interfaces`],
    [
      "detection: { lacp_other_aggregator: active }",
      'c.yml:1:37: detection.lacp_other_aggregator: found "active": expected standby or failed',
    ],
    ["detection: { failback: yes }", 'c.yml:1:24: detection.failback: found "yes": expected true or false'],
    ["web: { max_requests: many }", 'c.yml:1:22: web.max_requests: found "many": expected a whole number from 0'],
    ["web: { max_requests: -1 }", "c.yml:1:22: web.max_requests: found -1: expected a whole number from 0"],
    ["web: { max_requests: 1.5 }", "c.yml:1:22: web.max_requests: found 1.5: expected a whole number from 0"],
    ["log: { level: loud }", 'c.yml:1:15: log.level: found "loud": expected debug, info, warn or error'],
    [
      "shared_fate: [{ kind: cable, reason: x }]",
      'c.yml:1:23: shared_fate[0].kind: found "cable": expected link, card, switch, gateway, chassis or driver',
    ],
    [
      "shared_fate: [{ kind: card }]",
      "c.yml:1:15: shared_fate[0].reason: missing: expected text of 1 to 255 bytes in one line",
    ],
    ["source: windows", 'c.yml:1:9: source: found "windows": expected auto, netlink, procfs or illumos'],
  ],
  groups: [
    ["groups: [{ interfaces: [eth0] }]", `c.yml:1:10: groups[0].name: missing: expected ${NAME}`],
    ['groups: [{ name: "", interfaces: [eth0] }]', `c.yml:1:18: groups[0].name: found "": expected ${NAME}`],
    [
      `groups: [{ name: ${"g".repeat(32)}, interfaces: [eth0] }]`,
      `c.yml:1:18: groups[0].name: found "${"g".repeat(32)}": expected ${NAME}`,
    ],
    // The limit is the kernel's, and the kernel counts bytes.
    [
      `groups: [{ name: ${"ü".repeat(16)}, ifname: g, interfaces: [eth0] }]`,
      `c.yml:1:18: groups[0].name: found "${"ü".repeat(16)}": expected ${NAME}`,
    ],
    ["groups: [{ name: 42, interfaces: [eth0] }]", `c.yml:1:18: groups[0].name: found 42: expected ${NAME}`],
    [
      "groups: [{ name: a, ifname: a/b, interfaces: [eth0] }]",
      `c.yml:1:29: groups[0].ifname: found "a/b": expected ${IFNAME}`,
    ],
    [
      `${GROUP}  - name: a\n    ifname: b\n    interfaces: [eth1]`,
      'c.yml:4:11: groups[1].name: found "a" again: expected a name of its own: it is groups[0].name',
    ],
    [
      `${GROUP}  - name: b\n    ifname: a\n    interfaces: [eth1]`,
      'c.yml:5:13: groups[1].ifname: found "a" again: expected an interface name of its own: it is groups[0].name',
    ],
    [
      "groups: [{ name: eth0, interfaces: [eth0] }]",
      'c.yml:1:18: groups[0].name: found "eth0": expected an interface name that no member has: groups[0].interfaces[0] is the same',
    ],
  ],
  interfaces: [
    [
      "groups: [{ name: a }]",
      "c.yml:1:10: groups[0].interfaces: missing: expected a list of device names, or objects with device or match",
    ],
    [
      "groups: [{ name: a, interfaces: [] }]",
      "c.yml:1:33: groups[0].interfaces: found an empty list: expected at least one of device names, or objects with device or match",
    ],
    [
      `groups: [{ name: a, interfaces: [${"a".repeat(128)}] }]`,
      `c.yml:1:34: groups[0].interfaces[0]: found "${"a".repeat(58)}…: expected ${DEVICE}`,
    ],
    ["groups: [{ name: a, interfaces: [..] }]", `c.yml:1:34: groups[0].interfaces[0]: found "..": expected ${DEVICE}`],
    [
      "groups: [{ name: a, interfaces: [{ device: 'eth 0' }] }]",
      `c.yml:1:44: groups[0].interfaces[0].device: found "eth 0": expected ${DEVICE}`,
    ],
    [
      "groups: [{ name: a, interfaces: [{ standby: true }] }]",
      "c.yml:1:34: groups[0].interfaces[0]: found an object: expected exactly one of device and match",
    ],
    [
      "groups: [{ name: a, interfaces: [{ device: x, match: x }] }]",
      "c.yml:1:34: groups[0].interfaces[0]: found an object: expected exactly one of device and match",
    ],
    [
      'groups: [{ name: a, interfaces: [{ match: "[" }] }]',
      'c.yml:1:43: groups[0].interfaces[0].match: found "[": expected a regular expression of RE2 (missing closing ])',
    ],
    [
      'groups: [{ name: a, interfaces: [{ match: "(?=a)b" }] }]',
      'c.yml:1:43: groups[0].interfaces[0].match: found "(?=a)b": expected a regular expression of RE2 (invalid or unsupported Perl syntax)',
    ],
    [
      "groups: [{ name: a, interfaces: [eth0, eth0] }]",
      'c.yml:1:40: groups[0].interfaces[1]: found "eth0" again: expected each interface in one group, once: it is groups[0].interfaces[0]',
    ],
    [
      `${GROUP}  - name: b\n    interfaces: [{ device: eth0, standby: true }]`,
      'c.yml:5:28: groups[1].interfaces[0].device: found "eth0" again: expected each interface in one group, once: it is groups[0].interfaces[0]',
    ],
    [
      "groups: [{ name: a, interfaces: [eth0], min_active: 2 }]",
      "c.yml:1:53: groups[0].min_active: found 2: expected at most the 1 interfaces of the group",
    ],
    [
      "groups: [{ name: a, interfaces: [eth0], min_active: 0 }]",
      "c.yml:1:53: groups[0].min_active: found 0: expected a whole number from 1",
    ],
  ],
  addresses: [
    [
      `${GROUP}    addresses: [192.0.2.300]`,
      `c.yml:4:17: groups[0].addresses[0]: found "192.0.2.300": expected ${ADDRESS}`,
    ],
    [
      `${GROUP}    addresses: [192.0.2.1/24]`,
      `c.yml:4:17: groups[0].addresses[0]: found "192.0.2.1/24": expected ${ADDRESS}`,
    ],
    [
      `${GROUP}    addresses: ["fe80::1%eth0"]`,
      `c.yml:4:17: groups[0].addresses[0]: found "fe80::1%eth0": expected ${ADDRESS}`,
    ],
    [
      `${GROUP}    addresses: ["2001:db8::10", "2001:DB8:0:0::10"]`,
      'c.yml:4:33: groups[0].addresses[1]: found "2001:db8::10" again: expected each address in one group, once: it is groups[0].addresses[0]',
    ],
    [
      `${GROUP}    addresses: [192.0.2.1]\n  - name: b\n    interfaces: [eth1]\n    addresses: [192.0.2.1]`,
      'c.yml:7:17: groups[1].addresses[0]: found "192.0.2.1" again: expected each address in one group, once: it is groups[0].addresses[0]',
    ],
  ],
  detection: [
    [
      "detection: { failure_detection_time: 99ms }",
      `c.yml:1:38: detection.failure_detection_time: found "99ms": expected ${FDT}`,
    ],
    [
      "detection: { failure_detection_time: 10 }",
      `c.yml:1:38: detection.failure_detection_time: found 10: expected ${FDT}`,
    ],
    [
      "detection: { failure_detection_time: 25h }",
      `c.yml:1:38: detection.failure_detection_time: found "25h": expected ${FDT}`,
    ],
    [
      "detection: { probes: { targets: { eth0.100: [gateway] } } }",
      `c.yml:1:46: detection.probes.targets["eth0.100"][0]: found "gateway": expected ${ADDRESS}`,
    ],
  ],
  web: [
    ["web: { listen_addresses: ['10191'] }", `c.yml:1:27: web.listen_addresses[0]: found "10191": expected ${LISTEN}`],
    [
      "web: { listen_addresses: [':65536'] }",
      `c.yml:1:27: web.listen_addresses[0]: found ":65536": expected ${LISTEN}`,
    ],
    [
      "web: { listen_addresses: ['::1:80'] }",
      `c.yml:1:27: web.listen_addresses[0]: found "::1:80": expected ${LISTEN}`,
    ],
    [
      "web: { listen_addresses: ['1.2.3:80'] }",
      `c.yml:1:27: web.listen_addresses[0]: found "1.2.3:80": expected ${LISTEN}`,
    ],
    [
      "web: { listen_addresses: [':80', ':80'] }",
      'c.yml:1:34: web.listen_addresses[1]: found ":80": expected each address once: it is web.listen_addresses[0]',
    ],
    [
      "web: { listen_addresses: ['127.0.0.1:80', ':80'] }",
      'c.yml:1:27: web.listen_addresses[0]: found "127.0.0.1:80": expected another port, as web.listen_addresses[1] has every address of this one',
    ],
    [
      "snmp: { listen_addresses: ['udp:1161', 'udp6:1161', 'udp:127.0.0.1:1161', 'udp:127.0.0.1:1162'] }",
      'c.yml:1:53: snmp.listen_addresses[2]: found "udp:127.0.0.1:1161": expected another port, as snmp.listen_addresses[0] has every address of this one',
    ],
    [
      "snmp: { listen_addresses: ['udp6:[fe80::1%eth0]:161', 'udp6:161'] }",
      'c.yml:1:28: snmp.listen_addresses[0]: found "udp6:[fe80::1%eth0]:161": expected another port, as snmp.listen_addresses[1] has every address of this one',
    ],
    [
      "web: { listen_addresses: [] }",
      "c.yml:1:26: web.listen_addresses: found an empty list: expected at least one address, or web.systemd_socket",
    ],
    ["web: { telemetry_path: metrics }", `c.yml:1:24: web.telemetry_path: found "metrics": expected ${PATH}`],
    ["web: { telemetry_path: / }", `c.yml:1:24: web.telemetry_path: found "/": expected ${PATH}`],
    [
      "web: { telemetry_path: /api/v1/groups }",
      `c.yml:1:24: web.telemetry_path: found "/api/v1/groups": expected ${PATH}`,
    ],
    ["web: { telemetry_path: /-/ready }", `c.yml:1:24: web.telemetry_path: found "/-/ready": expected ${PATH}`],
    ['web: { telemetry_path: "/:x" }', `c.yml:1:24: web.telemetry_path: found "/:x": expected ${PATH}`],
  ],
  sources: [
    [
      "sources: [{ name: gz, kind: illumos, interval: 4999ms }]",
      "c.yml:1:48: sources[0].interval: found text: expected at least 5s with illumos, because each round makes in.mpathd look at all interfaces",
    ],
    [
      'sources: [{ name: gz, kind: illumos, target: "udp:192.0.2.11:161" }]',
      "c.yml:1:38: sources[0]: found text: expected kind: snmp beside target",
    ],
    [
      "sources: [{ name: gz, kind: illumos, community_file: a }]",
      "c.yml:1:38: sources[0]: found text: expected kind: snmp beside community_file",
    ],
    [
      'sources: [{ name: sw1, kind: snmp, path: "", target: "udp:192.0.2.11:161" }]',
      "c.yml:1:36: sources[0]: found text: expected kind: illumos beside path",
    ],
    [
      "sources: [{ name: sw1, kind: snmp }]",
      "c.yml:1:11: sources[0].target: missing: expected udp:ADDRESS:PORT of the device's agent",
    ],
    ["sources: [{ name: gz, kind: hpux }]", "c.yml:1:29: sources[0].kind: found text: expected snmp or illumos"],
  ],
  snmp: [
    [
      'snmp: { notifications: [{ target: "udp:192.0.2.5", source_address: "2001:db8::1" }] }',
      "c.yml:1:68: snmp.notifications[0].source_address: found text: expected an IPv4 address, as the target has",
    ],
    [
      "snmp: { notifications: [{ target: 'udp:192.0.2.5' }, { target: 'udp:192.0.2.5:162', version: 2 }] }",
      "c.yml:1:64: snmp.notifications[1].target: found text: expected each receiver once: it is snmp.notifications[0].target",
    ],
    [
      "snmp: { notifications: [{ target: 'udp:192.0.2.5' }, { target: 'udp:192.0.2.5', type: inform }, { target: 'udp:192.0.2.5', version: 1 }, { target: 'udp:192.0.2.5', community: a }] }",
    ],
    [
      "snmp: { listen_addresses: ['udp:nms:161'] }",
      `c.yml:1:28: snmp.listen_addresses[0]: found "udp:nms:161": expected ${SNMP_LISTEN}`,
    ],
    [
      "snmp: { listen_addresses: ['tcp:127.0.0.1:161'] }",
      `c.yml:1:28: snmp.listen_addresses[0]: found "tcp:127.0.0.1:161": expected ${SNMP_LISTEN}`,
    ],
    [
      "snmp: { listen_addresses: ['udp6:127.0.0.1:161'] }",
      `c.yml:1:28: snmp.listen_addresses[0]: found "udp6:127.0.0.1:161": expected ${SNMP_LISTEN}`,
    ],
    [
      "snmp: { listen_addresses: off }",
      'c.yml:1:27: snmp.listen_addresses: found "off": expected a list of addresses such as udp:127.0.0.1:1161, or none',
    ],
    [
      "snmp: { listen_addresses: ['udp:1161', none] }",
      'c.yml:1:40: snmp.listen_addresses[1]: found "none": expected none alone, or addresses',
    ],
    [
      "snmp: { communities: [{ sources: [::1] }] }",
      "c.yml:1:23: snmp.communities[0].name: missing: expected a community name",
    ],
    [
      "snmp: { communities: [{ name: a, sources: [192.0.2.0/33] }] }",
      "c.yml:1:44: snmp.communities[0].sources[0]: found text: expected an address or a prefix such as 192.0.2.0/24",
    ],
    [
      "snmp: { communities: [{ name: a, sources: [] }] }",
      "c.yml:1:43: snmp.communities[0].sources: found an empty list: expected at least one of addresses or prefixes",
    ],
    [
      "snmp: { communities: [{ name: a }, { name: a }] }",
      "c.yml:1:44: snmp.communities[1].name: found text: expected each community once: it is snmp.communities[0].name",
    ],
    [
      "snmp: { users: [{ name: nms }] }",
      "c.yml:1:17: snmp.users[0].auth: missing: expected an object with protocol and password_file",
    ],
    [
      "snmp: { users: [{ name: nms, auth: { protocol: MD5, password_file: a } }] }",
      "c.yml:1:48: snmp.users[0].auth.protocol: found text: expected SHA-1, SHA-224, SHA-256, SHA-384 or SHA-512",
    ],
    [
      "snmp: { communities: [{ name: a, view: { include: [ifTable] } }] }",
      "c.yml:1:52: snmp.communities[0].view.include[0]: found text: expected an OID such as 1.3.6.1.2.1.2",
    ],
    [
      "snmp: { communities: [{ name: a, view: { exclude: [1.3.6] } }] }",
      "c.yml:1:40: snmp.communities[0].view.include: missing: expected a list of OIDs such as 1.3.6.1.2.1.2",
    ],
    [
      "snmp: { rate_limit: { per_second: 0 } }",
      "c.yml:1:35: snmp.rate_limit.per_second: found 0: expected a whole number from 1",
    ],
    [
      "snmp: { notifications: [{ target: 'udp:192.0.2.5', version: 3 }] }",
      "c.yml:1:25: snmp.notifications[0].user: missing: expected the name of one of snmp.users",
    ],
    [
      "snmp: { notifications: [{ target: 'udp:192.0.2.5', version: 1, type: inform }] }",
      "c.yml:1:70: snmp.notifications[0].type: found text: expected trap, or version 2 or 3",
    ],
  ],
  "state and control": [
    ["state: { checkpoint: sometimes }", `c.yml:1:22: state.checkpoint: found "sometimes": expected ${CRON}`],
    ["state: { checkpoint: '99 * * * *' }", `c.yml:1:22: state.checkpoint: found "99 * * * *": expected ${CRON}`],
    ['state: { file: "" }', 'c.yml:1:16: state.file: found "": expected the path of a file'],
    [
      `control: { socket: /${"s".repeat(107)} }`,
      `c.yml:1:20: control.socket: found "/${"s".repeat(57)}…: expected ${SOCKET}: as an absolute path it has 108`,
    ],
    [
      // In the runtime directory, which is /home/operator/.local/state/ipmp-exporter here.
      `control: { socket: ${"s".repeat(66)} }`,
      `c.yml:1:20: control.socket: found "${"s".repeat(58)}…: expected ${SOCKET}: as an absolute path it has 108`,
    ],
    ['control: { socket: "" }', `c.yml:1:20: control.socket: found "": expected ${SOCKET}`],
    [
      `state: { file: ${resolve("c.yml")} }\nlog: { level: info }`,
      `c.yml:1:16: state.file: found ${JSON.stringify(resolve("c.yml"))}: expected another path: that is the configuration file`,
    ],
    [
      "state: { file: /run/a }\ncontrol: { socket: /run/../run/a }",
      'c.yml:2:20: control.socket: found "/run/../run/a": expected another path than state.file',
    ],
    [
      'web: { listen_addresses: ["unix:/run/a"] }\ncontrol: { socket: /run/a }',
      'c.yml:2:20: control.socket: found "/run/a": expected another path than web.listen_addresses[0]',
    ],
    [
      `web: { listen_addresses: ["unix:/${"ä".repeat(54)}", "unix:u.sock"] }`,
      `c.yml:1:27: web.listen_addresses[0]: found "unix:/${"ä".repeat(52)}…: expected ${LISTEN}`,
      `c.yml:1:91: web.listen_addresses[1]: found "unix:u.sock": expected ${LISTEN}`,
    ],
    [
      "snmp: { agentx: { socket: relative.sock } }",
      'c.yml:1:27: snmp.agentx.socket: found "relative.sock": expected the absolute path of a Unix socket, 107 bytes at most, or tcp:HOST:PORT',
    ],
    [
      "snmp: { agentx: { socket: /run/snmpd/agentx.sock, mode: both } }",
      'c.yml:1:57: snmp.agentx.mode: found "both": expected merge or replace',
    ],
  ],
  "not YAML": [
    ["a: 1\na: 2", "c.yml:2:1: not YAML (Map keys must be unique): expected each key once in an object"],
    [
      "web:\n\ttelemetry_path: /m",
      "c.yml:2:1: not YAML (Tabs are not allowed as indentation): expected spaces before a key, not tabs",
    ],
    ["a: 1\n---\nb: 1", "c.yml:2:1: more than one YAML document: expected one, without a line of ---"],
    ["web: !secret x", "c.yml:1:6: not YAML (tag resolve failed): expected a plain value without a tag"],
    [
      "web: *nowhere",
      "c.yml: not usable YAML (an alias of nothing): expected aliases of earlier anchors, 100 uses at most",
    ],
    [
      bomb(),
      "c.yml: not usable YAML (too many uses of aliases): expected aliases of earlier anchors, 100 uses at most",
    ],
    ["[".repeat(50_000), "c.yml: nested too deeply: expected the few levels of a configuration"],
  ],
};

/** Nine lists of nine aliases each: a thousand million values in a few lines. */
function bomb(): string {
  const lists = Array.from(
    { length: 9 },
    (_, index) => `a${index + 1}: &a${index + 1} [${Array(9).fill(`*a${index}`).join(", ")}]`,
  );
  return ["a0: &a0 x", ...lists].join("\n");
}

describe("a wrong configuration is told", () => {
  for (const [topic, rows] of Object.entries(ROWS)) {
    describe(topic, () => {
      for (const [text, ...expected] of rows) {
        test(text.slice(0, 60).replaceAll("\n", "⏎"), () => assert.deepEqual(messages(text), expected));
      }
    });
  }

  test("all at once, in the order of the file", () =>
    assert.deepEqual(
      messages("source: x\nlog: { level: x }\nweb: { max_requests: x }\n").map((line) => line.split(":")[1]),
      ["1", "2", "3"],
    ));

  test("the place of an alias, not of its anchor, is blamed", () =>
    assert.deepEqual(
      messages("groups:\n  - name: &a 42\n    interfaces: [eth0]\n  - name: *a\n    interfaces: [eth1]"),
      [
        `c.yml:2:14: groups[0].name: found 42: expected ${NAME}`,
        `c.yml:4:11: groups[1].name: found 42: expected ${NAME}`,
      ],
    ));

  test("a key with nothing after it is the same as no key", () =>
    assert.deepEqual(messages("groups:\nweb:\n  telemetry_path:\nsnmp: { users: }\n"), []));
});

test("nothing that stands where a secret may is ever repeated", () => {
  const secret = "S3cretMarker";
  for (const yaml of [
    `snmp: { communities: [ ${secret} ] }`,
    `snmp: { communities: ${secret} }`,
    `snmp: { communities: { ${secret}: x } }`,
    `snmp: { communities: [{ ${secret}: x }] }`,
    `snmp: { communities: [{ name: a, sources: [${secret}] }] }`,
    `snmp: { communities: [{ name: ${secret} }, { name: ${secret} }] }`,
    `snmp: { communities: [{ name: *${secret} }] }`,
    `snmp: { communities: [{ name: !${secret} x }] }`,
    `snmp: { communities: [{ name: "${secret} }] }`,
    `snmp: { communities: [{ name: a ${secret}: b }] }`,
    `snmp: { users: [{ name: a, auth: { protocol: ${secret}, password_file: a } }] }`,
    `snmp: { users: [{ name: a, auth: { protocol: SHA-1, password: ${secret} } }] }`,
    `snmp: { notifications: [{ target: ${secret} }] }`,
    `snmp: { notifications: [{ target: "udp:192.0.2.1:162", version: 3, community: ${secret} }] }`,
    `snmp: { ${secret}: {} }`,
    `snmp: ${secret}`,
    secret,
  ]) {
    const errors = messages(yaml);
    assert.ok(errors.length > 0, yaml);
    for (const error of errors) assert.ok(!error.includes(secret), error);
  }
});
