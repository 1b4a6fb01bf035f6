/** Which keys are right and are read by nothing beside the others. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { unusedKeys } from "#src/config/unused-keys.js";
import { configuration } from "./support.ts";

const PROBED = "nobody is probed: expected detection.probes.enabled, or probes of a group, to be true";
const ASKED = "nobody can ask over SNMP: expected an address in snmp.listen_addresses";
const TOLD = "nobody is sent a notification: expected a receiver in snmp.notifications, or snmp.agentx";
const SHOWN =
  "nothing is shown over SNMP: expected an address in snmp.listen_addresses, snmp.agentx or snmp.notifications";
const NAMED =
  "no user is named: expected an address in snmp.listen_addresses, or version: 3 in snmp.notifications or sources";
const OPENED = "the sockets of systemd are served on instead: expected web.systemd_socket to be false";
const RUN = "lldpd is not asked: expected path.lldpcli to be the path of its client";

const USERS = "users: [{ name: nms, auth: { protocol: SHA-256, password_file: a } }]";

/** Each key, in a section that has it: alone, where nothing reads it, and with what makes something read it. */
const ROWS: readonly { key: string; why: string; unused: string; used: readonly string[] }[] = [
  {
    key: "detection.failure_detection_time",
    why: PROBED,
    unused: "detection: { failure_detection_time: 5s }",
    used: [
      "detection: { failure_detection_time: 5s, probes: { enabled: true } }",
      "{ detection: { failure_detection_time: 5s }, groups: [{ name: g, probes: true, interfaces: [eth0] }] }",
    ],
  },
  {
    key: "detection.probes.method",
    why: PROBED,
    unused: "detection: { probes: { method: udp } }",
    used: ["detection: { probes: { method: udp, enabled: true } }"],
  },
  {
    key: "detection.probes.targets",
    why: PROBED,
    unused: "detection: { probes: { targets: { eth0: [192.0.2.1] } } }",
    used: ["detection: { probes: { enabled: true, targets: { eth0: [192.0.2.1] } } }"],
  },
  {
    key: "web.listen_addresses",
    why: OPENED,
    unused: 'web: { systemd_socket: true, listen_addresses: [":9"] }',
    used: ['web: { listen_addresses: [":9"] }', "web: { systemd_socket: true, listen_addresses: [] }"],
  },
  {
    key: "snmp.communities",
    why: ASKED,
    unused: "snmp: { listen_addresses: none, communities: [{ name: c }] }",
    used: ["snmp: { communities: [{ name: c }] }"],
  },
  {
    key: "snmp.users",
    why: NAMED,
    unused: `snmp: { listen_addresses: none, ${USERS} }`,
    used: [
      `snmp: { ${USERS} }`,
      `snmp: { listen_addresses: none, ${USERS}, notifications: [{ target: "udp:192.0.2.1", version: 3, user: nms }] }`,
      `{ snmp: { listen_addresses: none, ${USERS} }, sources: [{ name: sw1, kind: snmp, target: "udp:192.0.2.1:161", version: 3, user: nms }] }`,
    ],
  },
  {
    key: "snmp.rate_limit",
    why: ASKED,
    unused: "snmp: { listen_addresses: none, rate_limit: { burst: 1 } }",
    used: ["snmp: { rate_limit: { burst: 1 } }"],
  },
  {
    key: "snmp.damping",
    why: TOLD,
    unused: "snmp: { damping: 2s }",
    used: [
      "snmp: { damping: 2s, agentx: { socket: /run/master } }",
      'snmp: { damping: 2s, notifications: [{ target: "udp:192.0.2.1" }] }',
    ],
  },
  {
    key: "snmp.enterprise",
    why: SHOWN,
    unused: "snmp: { listen_addresses: none, enterprise: 1.3.6.1.4.1.99999 }",
    used: [
      "snmp: { enterprise: 1.3.6.1.4.1.99999 }",
      "snmp: { listen_addresses: none, enterprise: 1.3.6.1.4.1.99999, agentx: { socket: /run/master } }",
    ],
  },
  {
    key: "snmp.failed_status",
    why: SHOWN,
    unused: "snmp: { listen_addresses: none, failed_status: lowerLayerDown }",
    used: [
      'snmp: { listen_addresses: none, failed_status: lowerLayerDown, notifications: [{ target: "udp:192.0.2.1" }] }',
    ],
  },
  {
    key: "snmp.system",
    why: ASKED,
    unused: "snmp: { listen_addresses: none, system: { contact: noc } }",
    used: ["snmp: { system: { contact: noc } }"],
  },
  {
    key: "path.lldpd_socket",
    why: RUN,
    unused: "path: { lldpcli: none, lldpd_socket: /run/lldpd.socket }",
    used: ["path: { lldpd_socket: /run/lldpd.socket }"],
  },
  {
    key: "groups[0].probes",
    why: "its members are links of other systems: expected a link of this host",
    unused: `{ sources: [{ name: sw1, kind: snmp, target: "udp:192.0.2.1:161" }], groups: [{ name: g, probes: true, interfaces: [{ source: sw1, device: eth1 }] }] }`,
    used: ["groups: [{ name: g, probes: true, interfaces: [eth0] }]"],
  },
];

describe("a key that nothing reads", () => {
  for (const { key, why, unused, used } of ROWS) {
    test(`is told of, and is not where something does: ${key}`, () => {
      assert.deepEqual(unusedKeys(configuration(unused)), [`${key}: ${why}`]);
      for (const text of used) assert.deepEqual(unusedKeys(configuration(text)), [], text);
    });
  }

  test("asks for nothing with the value that it has by itself", () => {
    assert.deepEqual(unusedKeys(configuration("")), []);
    const written =
      "{ detection: { failure_detection_time: 10s, probes: { method: auto } }, snmp: { listen_addresses: none, damping: 1s } }";
    assert.deepEqual(unusedKeys(configuration(written)), []);
  });
});
