/** The SNMP agent: where it listens, who may ask it and how often, its master agent, and what it tells by itself. */

import * as z from "zod";
import { parseAgentxSocket } from "../../net-address/agentx-socket.ts";
import { parseSnmpEndpoint } from "../../net-address/snmp-endpoint.ts";
import { UNIX_PATH_BYTES } from "../../net-address/unix-path.ts";
import { AGENTX_MODES } from "../choices.ts";
import { key, object, optional, required, section } from "../keys.ts";
import { parseOid } from "../oid.ts";
import { choice, count, duration, list, NONE, text } from "../value-schemas.ts";
import { community, STANDARD_COMMUNITY, THIS_HOST, user } from "./snmp-access.ts";
import { notification } from "./snmp-notification.ts";

const snmpListenAddress = text(
  "udp:ADDRESS:PORT, such as udp:127.0.0.1:1161, udp6:[::1]:1161 or udp6:[fe80::1%eth0]:1161, or none",
  (value) => (value === NONE ? NONE : parseSnmpEndpoint(value)),
);

const snmpListenAddresses = list(snmpListenAddress, "addresses").superRefine((addresses, context) => {
  if (addresses.length < 2 || !addresses.includes(NONE)) return;
  context.addIssue({ code: "custom", path: [addresses.indexOf(NONE)], message: "none alone, or addresses" });
});

/** SnmpDisplayString (SIZE(0..255)) of sysContact, sysLocation and sysName, RFC 3418. */
const displayString = text("text of 255 bytes at most", (value) =>
  Buffer.byteLength(value) <= 255 ? value : undefined,
);

export const snmp = section("The SNMP agent.", {
  listen_addresses: key(
    z
      .union([z.literal(NONE), snmpListenAddresses], {
        error: "a list of addresses such as udp:127.0.0.1:1161, or none",
      })
      .transform((addresses) => (addresses === NONE ? [] : addresses.filter((one) => one !== NONE))),
    {
      description:
        "Addresses on which SNMP is served; `none` disables it. `udp:PORT` means every IPv4 address, `udp6:PORT` every IPv6 address. An address that this host does not have yet is waited for.",
      standard: ["udp:127.0.0.1:1161"],
      origin: "this host only, and a port that needs no privilege",
    },
  ),
  communities: key(list(community, "objects with name and sources"), {
    description: "Communities of versions 1 and 2c. They can only read.",
    standard: [{ name: STANDARD_COMMUNITY, sources: THIS_HOST }],
    origin: "what every manager tries first, for this host alone",
  }),
  users: key(list(user, "users"), { description: "Users of version 3.", standard: [], origin: "no version 3" }),
  rate_limit: section(
    "How many datagrams of one source the agent looks at. A source is an IPv4 address, or an IPv6 network of 64 bits. This host has no limit.",
    {
      per_second: key(count(1), {
        description: "Requests per second that a source may go on making.",
        standard: 1000,
        origin: "a manager that walks 5,001 rows asks some 4,000 times",
      }),
      burst: key(count(1), {
        description: "Requests that a source may make at once.",
        standard: 4000,
        origin: "one such walk at once",
      }),
    },
  ),
  agentx: optional(
    object({
      socket: required(
        text(
          `the absolute path of a Unix socket, ${UNIX_PATH_BYTES} bytes at most, or tcp:HOST:PORT`,
          parseAgentxSocket,
        ),
        "Where the master agent listens.",
      ),
      mode: key(choice(AGENTX_MODES), {
        description:
          "How the tables are registered: `merge` adds the groups' rows to the master's tables, `replace` serves our tables instead of them.",
        standard: "merge",
        origin: "leaves the master's own rows as they were",
      }),
    }),
    {
      description: "Master agent, such as snmpd, whose subagent the program becomes.",
      origin: "none: no master agent",
    },
  ),
  damping: key(duration, {
    description: "Time in which a link, a group or a member causes one notification at most.",
    standard: "1s",
    origin: "a link that flaps faster is one thing to know",
  }),
  enterprise: key(text("an OID such as 1.3.6.1.4.1.8072.9999.9999.10191", parseOid), {
    description: "OID below which IPMP-EXPORTER-MIB is served.",
    standard: "1.3.6.1.4.1.8072.9999.9999.10191",
    origin: "netSnmpPlaypen, net-snmp's arc for experiments, and our HTTP port",
  }),
  failed_status: key(choice(["down", "lowerLayerDown"]), {
    description:
      "Value of ifOperStatus for a group whose members have all failed and for a link without carrier: `lowerLayerDown` is RFC 2863's word, which many managers do not take for a failure.",
    standard: "down",
    origin: "snmpd, and what managers compare with",
  }),
  notifications: key(list(notification, "notification targets"), {
    description: "Receivers of traps and informs.",
    standard: [],
    origin: "nobody",
  }),
  system: section("Objects of the system group (SNMPv2-MIB).", {
    contact: key(displayString, {
      description: "Value of sysContact.",
      standard: "",
      origin: "RFC 3418: the zero-length string when it is unknown",
    }),
    location: key(displayString, {
      description: "Value of sysLocation.",
      standard: "",
      origin: "RFC 3418: the zero-length string when it is unknown",
    }),
    name: optional(displayString, { description: "Value of sysName.", origin: "the host's name" }),
  }),
});
