/**
 * The file's format: its keys, what each means, and what holds when it is left out. A key is added here and read by the part that
 * it is for; rules that concern several keys at once are in consistency.ts.
 */

import { z } from "zod";
import { LOG_LEVELS } from "../log/log.ts";
import { parseAgentxSocket } from "../net-address/agentx-socket.ts";
import { parseHttpAddress } from "../net-address/http-address.ts";
import { parseIpPrefix } from "../net-address/ip-prefix.ts";
import { parseNotificationTarget, parseSnmpEndpoint } from "../net-address/snmp-endpoint.ts";
import {
  AGENTX_MODES,
  AUTH_PROTOCOLS,
  LOG_FORMATS,
  OTHER_AGGREGATOR,
  PRIV_PROTOCOLS,
  PROBE_METHODS,
  SOURCE_CHOICES,
} from "./choices.ts";
import { flag, key, object, optional, required, section } from "./keys.ts";
import { parseOid, parseSubtree } from "./oid.ts";
import {
  address,
  choice,
  count,
  cron,
  deviceName,
  directory,
  duration,
  groupName,
  hostName,
  list,
  metaInterfaceName,
  nonEmptyList,
  path,
  regularExpression,
  SOCKET_PATH_MAX,
  sized,
  telemetryPath,
  text,
  USER_NAME_MAX,
} from "./value-schemas.ts";

/** In place of a path or an address: the thing is not wanted. */
export const NONE = "none";

const member = z.union(
  [
    deviceName,
    object({
      device: optional(deviceName, {
        description: "Name of the link, or one of its alternative names.",
        origin: "none; give either device or match",
      }),
      match: optional(regularExpression, {
        description: "Regular expression. Every link in whose name it finds a match is a member.",
        origin: "none; give either device or match",
      }),
      standby: flag({
        description: "Keep the member in reserve: it carries traffic only while other members have failed.",
        standard: false,
        origin: "an interface is no standby unless ipadm makes it one",
      }),
    }).refine(({ device, match }) => (device === undefined) !== (match === undefined), {
      error: "exactly one of device and match",
    }),
  ],
  { error: "a device name or an object with device or match" },
);

const group = object({
  name: required(groupName, "Name of the group. It may be changed later."),
  ifname: optional(metaInterfaceName, {
    description: "Name of the meta-interface, which stands for the group. It cannot be changed later.",
    origin: "the group's name",
  }),
  interfaces: required(
    nonEmptyList(member, "device names, or objects with device or match"),
    "Rules that say which links are members. A link joins the first group that has a rule for it.",
  ),
  addresses: key(list(address, "IP addresses"), {
    description:
      "Data addresses of the group. Bound to members as IPMP would bind them; on a system without IPMP that is a model, beside which is shown where each address is.",
    standard: [],
    origin: "nothing is then said of addresses",
  }),
  probes: optional(z.boolean({ error: "true or false" }), {
    description: "Send probes through the members of this group.",
    origin: "as `detection.probes.enabled` says",
  }),
  min_active: key(count(1), {
    description: "Number of members that must be active for the group to be ok.",
    standard: 1,
    origin: "one working member keeps a group alive, as in in.mpathd",
  }),
});

const discovery = section(
  "Groups that the system has already, and that the program shows without being told of them.",
  {
    bonds: flag({
      description: "Show every Linux bond as a group.",
      standard: true,
      origin: "what the system has is found",
    }),
    teams: flag({
      description: "Show every teamd device as a group.",
      standard: true,
      origin: "what the system has is found",
    }),
    default_routes: flag({
      description: 'Show the next hops of a multipath default route as the group "default".',
      standard: true,
      origin: "what the system has is found",
    }),
    illumos: flag({
      description: "Show the IPMP groups of an illumos system.",
      standard: true,
      origin: "what the system has is found",
    }),
  },
);

const detection = section("How the program decides which members work.", {
  failure_detection_time: key(duration, {
    description: "Time in which a path that is cut is found by probes; a probe is sent every seventh of it.",
    standard: "10s",
    origin: "FAILURE_DETECTION_TIME of /etc/default/mpathd",
  }),
  failback: flag({
    description: "Give a repaired member its addresses back.",
    standard: true,
    origin: "FAILBACK of /etc/default/mpathd",
  }),
  lacp_other_aggregator: key(choice(OTHER_AGGREGATOR), {
    description:
      "What a link of an LACP bond is that waits with another partner than that of the active aggregator: a standby, or failed.",
    standard: "standby",
    origin: "the bonding driver uses it when the active one is lost",
  }),
  probes: section("Failure detection by probes.", {
    enabled: flag({
      description: "Send probes through each member, as in.mpathd does.",
      standard: false,
      origin: "in.mpathd probes where test addresses are; here it is asked for",
    }),
    method: key(choice(PROBE_METHODS), {
      description:
        "How probes are sent: `icmp` by ICMP echo, `udp` by UDP to a closed port; `auto` takes ICMP where net.ipv4.ping_group_range allows it, else UDP.",
      standard: "auto",
      origin: "ours: what works without privilege",
    }),
    targets: key(
      z
        .record(z.string(), nonEmptyList(address, "IP addresses"), { error: "an object of device: [address, …]" })
        .transform((targets) => new Map(Object.entries(targets))),
      {
        description: "Addresses to probe, by device. A device that is not listed probes the next hops of its routes.",
        standard: {},
        origin: "the next hops of each device's routes, as in in.mpathd",
      },
    ),
  }),
});

const web = section("The HTTP server.", {
  listen_addresses: key(
    list(
      text("HOST:PORT, such as :10191, 127.0.0.1:10191 or [::1]:10191", parseHttpAddress),
      "addresses such as :10191",
    ),
    {
      description: "Addresses on which HTTP is served.",
      standard: [":10191"],
      origin: "every address, as Prometheus exporters do; the port is ours",
    },
  ),
  telemetry_path: key(telemetryPath, {
    description: "Path under which the metrics are served.",
    standard: "/metrics",
    origin: "what Prometheus scrapes when it is not told otherwise",
  }),
  config_file: optional(path, {
    description: "File with TLS, passwords and headers, in exporter-toolkit's format.",
    origin: "none: plain HTTP, no password",
    relativeTo: "beside this file",
  }),
  max_requests: key(count(0), {
    description: "Number of scrapes that are served at once; 0 means no limit.",
    standard: 40,
    origin: "node_exporter",
  }),
  disable_exporter_metrics: flag({
    description: "Leave out the metrics about the exporter itself (process_*, nodejs_* and the like).",
    standard: false,
    origin: "node_exporter",
  }),
  systemd_socket: flag({
    description: "Serve on the sockets that systemd hands over, instead of the listen addresses.",
    standard: false,
    origin: "exporter-toolkit",
  }),
  enable_lifecycle: flag({
    description: "Allow `POST /-/reload` over TCP. On Unix sockets it always is.",
    standard: false,
    origin: "Prometheus",
  }),
  host_names: key(list(hostName, "host names"), {
    description:
      "Names under which browsers reach this host, beside its host name. A reload over TCP is refused under others.",
    standard: [],
    origin: "the host name is known by itself",
  }),
});

const snmpListenAddress = text("udp:ADDRESS:PORT, such as udp:127.0.0.1:1161 or udp6:[::1]:1161, or none", (value) =>
  value === NONE ? NONE : parseSnmpEndpoint(value),
);

const snmpListenAddresses = list(snmpListenAddress, "addresses").superRefine((addresses, context) => {
  if (addresses.length < 2 || !addresses.includes(NONE)) return;
  context.addIssue({ code: "custom", path: [addresses.indexOf(NONE)], message: "none alone, or addresses" });
});

const subtrees = "OIDs such as 1.3.6.1.2.1.2";
const subtree = text("an OID such as 1.3.6.1.2.1.2", parseSubtree);

const view = optional(
  object({
    include: required(nonEmptyList(subtree, subtrees), "Subtrees that may be read."),
    exclude: key(list(subtree, subtrees), {
      description:
        "Subtrees that may not be read. Where subtrees of both lists hold an object, the longest of them decides.",
      standard: [],
      origin: "nothing",
    }),
  }),
  {
    description: "Objects that may be read: all rows of an object, or none.",
    origin: "everything may be read",
  },
);

const communityName = sized("a community name", 255, /^\P{Cc}+$/u);

/** The community that every manager tries first; net-snmp's too. */
export const STANDARD_COMMUNITY = "public";

const THIS_HOST = ["127.0.0.1", "::1"];

const community = object({
  name: required(communityName, "The community string."),
  sources: key(
    nonEmptyList(text("an address or a prefix such as 192.0.2.0/24", parseIpPrefix), "addresses or prefixes"),
    { description: "Addresses from which the community may be used.", standard: THIS_HOST, origin: "this host" },
  ),
  view,
});

const passwordFile = required(path, "File whose first line is the password.", "beside this file");

const user = object({
  name: required(
    sized(`a user name of 1 to ${USER_NAME_MAX} bytes`, USER_NAME_MAX, /^\P{Cc}+$/u),
    "Name of the user (usmUserName).",
  ),
  auth: required(
    object({
      protocol: required(choice(AUTH_PROTOCOLS), "Authentication protocol (RFC 3414, RFC 7860)."),
      password_file: passwordFile,
    }),
    "How the user is authenticated.",
  ),
  priv: optional(
    object({
      protocol: required(choice(PRIV_PROTOCOLS), "Privacy protocol (RFC 3826 and its extensions)."),
      password_file: passwordFile,
    }),
    { description: "How the user's messages are encrypted.", origin: "none: authNoPriv" },
  ),
  view,
});

const notification = object({
  target: required(
    text("udp:ADDRESS:PORT of a manager", parseNotificationTarget),
    "Address of the receiver. The port is 162 when none is written.",
  ),
  version: key(z.union([z.literal(1), z.literal(2), z.literal(3)], { error: "1, 2 or 3" }), {
    description: "SNMP version of the notification.",
    standard: 2,
    origin: "net-snmp's trap2sink",
  }),
  user: optional(sized("the name of a user", USER_NAME_MAX, /^\P{Cc}+$/u), {
    description: "For version 3: the user of snmp.users who sends the notification.",
    origin: "none; required with version 3",
  }),
  community: optional(communityName, {
    description: "For versions 1 and 2: the community of the notification.",
    origin: `${STANDARD_COMMUNITY}, as in net-snmp`,
  }),
  type: key(choice(["trap", "inform"]), {
    description: "Kind of the notification. An inform is sent again until the receiver acknowledges it.",
    standard: "trap",
    origin: "a trap asks for nothing back",
  }),
});

/** SnmpDisplayString (SIZE(0..255)) of sysContact, sysLocation and sysName, RFC 3418. */
const displayString = text("text of 255 bytes at most", (value) =>
  Buffer.byteLength(value) <= 255 ? value : undefined,
);

const snmp = section("The SNMP agent.", {
  listen_addresses: key(
    z
      .union([z.literal(NONE), snmpListenAddresses], {
        error: "a list of addresses such as udp:127.0.0.1:1161, or none",
      })
      .transform((addresses) => (addresses === NONE ? [] : addresses.filter((one) => one !== NONE))),
    {
      description: "Addresses on which SNMP is served; `none` disables it.",
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
  rate_limit: section("How many requests the agent answers from one source address. This host has no limit.", {
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
  }),
  agentx: optional(
    object({
      socket: required(
        text("the path of a Unix socket, or tcp:HOST:PORT", parseAgentxSocket),
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

const state = section("The state file.", {
  file: optional(path, {
    description: "File that carries the counters over a restart; `none` keeps nothing.",
    origin: "state.json in the state directory",
    relativeTo: "in the state directory",
  }),
  checkpoint: key(cron, {
    description:
      "Schedule on which the counters are read and saved; each scrape, and each sample for the page, does so too.",
    standard: "*/15 * * * * *",
    origin:
      "every 15 seconds: when the program is killed, what a member carried since the last save is lost if it is gone by the next start",
  }),
});

const control = section("The control socket.", {
  socket: optional(
    text(`the path of a Unix socket, ${SOCKET_PATH_MAX} bytes at most, or none`, (value) =>
      value !== "" && !value.includes("\0") && Buffer.byteLength(value) <= SOCKET_PATH_MAX ? value : undefined,
    ),
    {
      description: "Unix socket on which the program's other commands reach the daemon; `none` disables the socket.",
      origin: "control.sock in the runtime directory",
      relativeTo: "in the runtime directory",
    },
  ),
});

const log = section("The log, on standard error.", {
  level: key(choice(LOG_LEVELS), {
    description: "Lowest severity that is logged.",
    standard: "info",
    origin: "promslog, as in all Prometheus exporters",
  }),
  format: key(choice(LOG_FORMATS), {
    description: "Format of a log line.",
    standard: "logfmt",
    origin: "promslog, as in all Prometheus exporters",
  }),
});

export const schema = object({
  groups: key(list(group, "groups"), {
    description: "Groups of links that you name yourself.",
    standard: [],
    origin: "groups are then discovered, or made of the links with a default route",
  }),
  discovery,
  detection,
  web,
  snmp,
  state,
  control,
  log,
  path: section("Where the system's own file systems are, for a container that sees the host's elsewhere.", {
    procfs: key(directory, {
      description: "Directory where procfs is mounted.",
      standard: "/proc",
      origin: "node_exporter",
      relativeTo: "beside this file",
    }),
    sysfs: key(directory, {
      description: "Directory where sysfs is mounted.",
      standard: "/sys",
      origin: "node_exporter",
      relativeTo: "beside this file",
    }),
  }),
  source: key(choice(SOURCE_CHOICES), {
    description: "Where link counters are read from; `auto` takes the best source that works.",
    standard: "auto",
    origin: "ours: the best that works here",
  }),
});

/** The file as it was written and checked, with its defaults: values are parsed, keys are spelt as the program spells them. */
export type Settings = z.output<typeof schema>;
