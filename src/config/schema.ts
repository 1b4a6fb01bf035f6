/** The file's format: its keys, and what each means. Rules that concern several keys at once are in consistency.ts. */

import { z } from "zod";
import { LOG_LEVELS } from "../log/log.ts";
import { parseAgentxSocket } from "../net-address/agentx-socket.ts";
import { parseHttpAddress } from "../net-address/http-address.ts";
import { parseIpPrefix } from "../net-address/ip-prefix.ts";
import { parseNotificationTarget, parseSnmpEndpoint } from "../net-address/snmp-endpoint.ts";
import { AGENTX_MODES, AUTH_PROTOCOLS, LOG_FORMATS, PRIV_PROTOCOLS, SOURCE_CHOICES } from "./configuration.ts";
import { DEFAULTS } from "./defaults.ts";
import { parseOid, parseSubtree } from "./oid.ts";
import {
  address,
  choice,
  count,
  cron,
  deviceName,
  duration,
  flag,
  groupName,
  key,
  list,
  metaInterfaceName,
  nonEmptyList,
  object,
  path,
  regularExpression,
  SOCKET_PATH_MAX,
  sized,
  telemetryPath,
  text,
  USER_NAME_MAX,
} from "./value-schemas.ts";

const memberObject = object({
  device: key(deviceName, "Name of the link."),
  match: key(regularExpression, "Regular expression; every link whose name it finds is a member."),
  standby: flag("A standby member carries traffic only while others have failed.", false),
}).refine(({ device, match }) => (device == null) !== (match == null), { error: "exactly one of device and match" });

const member = z.union([deviceName, memberObject], {
  error: "a device name or an object with device or match",
});

const group = object({
  name: groupName.meta({ description: "Name of the group, a label that may change; up to 31 bytes." }),
  ifname: key(metaInterfaceName, "Name of the meta-interface, fixed for life; the same as name by default."),
  interfaces: nonEmptyList(member, "device names, or objects with device or match").meta({
    description: "The members. A link belongs to the first rule of the first group that fits.",
  }),
  addresses: key(list(address, "IP addresses"), "Data addresses of the group.", []),
  min_active: key(count(1), "Members that have to be active for the group to be ok.", DEFAULTS.minActive),
});

const snmpListenAddress = text("udp:ADDRESS:PORT, such as udp:127.0.0.1:1161 or udp6:[::1]:1161, or none", (value) =>
  value === "none" ? value : parseSnmpEndpoint(value),
);

const snmpListenAddresses = z.union([z.literal("none"), list(snmpListenAddress, "addresses")], {
  error: "a list of addresses such as udp:127.0.0.1:1161, or none",
});

const passwordFile = path.meta({ description: "File whose first line is the password; relative to this file." });

const subtrees = "OIDs such as 1.3.6.1.2.1.2";
const subtree = text("an OID such as 1.3.6.1.2.1.2", parseSubtree);

const view = key(
  object({
    include: nonEmptyList(subtree, subtrees).meta({ description: "Subtrees that may be read." }),
    exclude: key(list(subtree, subtrees), "Subtrees of those that may not be read; the longest decides.", []),
  }),
  "What may be read, in whole objects; everything by default.",
);

const user = object({
  name: sized(`a user name of 1 to ${USER_NAME_MAX} bytes`, USER_NAME_MAX, /^\P{Cc}+$/u).meta({
    description: "usmUserName.",
  }),
  auth: object({
    protocol: choice(AUTH_PROTOCOLS).meta({ description: "Authentication protocol (RFC 3414, RFC 7860)." }),
    password_file: passwordFile,
  }).meta({ description: "How the user proves who it is; nobody is served without." }),
  priv: key(
    object({
      protocol: choice(PRIV_PROTOCOLS).meta({ description: "Privacy protocol (RFC 3826 and its extensions)." }),
      password_file: passwordFile,
    }),
    "Encryption; without it the user is authNoPriv.",
  ),
  view,
});

const notification = object({
  target: text("udp:ADDRESS:PORT of a manager", parseNotificationTarget).meta({
    description: "Where notifications go; port 162 when none is written.",
  }),
  version: key(z.union([z.literal(1), z.literal(2), z.literal(3)], { error: "1, 2 or 3" }), "SNMP version.", 2),
  user: key(sized("the name of a user", USER_NAME_MAX, /^\P{Cc}+$/u), "For version 3: one of users."),
  community: key(sized("a community name", 255, /^\P{Cc}+$/u), "For versions 1 and 2.", DEFAULTS.snmpCommunity),
  type: key(choice(["trap", "inform"]), "An inform is repeated until it is acknowledged.", "trap"),
});

/** SnmpDisplayString (SIZE(0..255)) of sysContact, sysLocation and sysName, RFC 3418. */
const displayString = text("text of 255 bytes at most", (value) =>
  Buffer.byteLength(value) <= 255 ? value : undefined,
);

export const schema = object({
  groups: key(list(group, "groups"), "Sets of links that you name yourself.", []),
  discovery: key(
    object({
      bonds: flag("Linux bonding masters are groups.", DEFAULTS.discovery.bonds),
      teams: flag("teamd devices are groups.", DEFAULTS.discovery.teams),
      default_routes: flag(
        'The next hops of a multipath default route are the group "default".',
        DEFAULTS.discovery.default_routes,
      ),
      illumos: flag("IPMP groups of the system are groups.", DEFAULTS.discovery.illumos),
    }),
    "Groups that the system has already.",
  ),
  detection: key(
    object({
      failure_detection_time: key(
        duration,
        "How long a link may be silent before it counts as failed.",
        DEFAULTS.failureDetectionTime,
      ),
      failback: flag("A repaired member takes its addresses back.", DEFAULTS.failback),
      probes: key(
        object({
          enabled: flag("Probe targets through each member, as in.mpathd does.", DEFAULTS.probes),
          targets: key(
            z.record(z.string(), nonEmptyList(address, "IP addresses"), { error: "an object of device: [address, …]" }),
            "Addresses to probe, by device; a device without any finds its own.",
            {},
          ),
        }),
        "Probe-based failure detection.",
      ),
    }),
    "Which members work.",
  ),
  web: key(
    object({
      listen_addresses: key(
        list(
          text("HOST:PORT, such as :10191, 127.0.0.1:10191 or [::1]:10191", parseHttpAddress),
          "addresses such as :10191",
        ),
        "Where HTTP is served.",
        [DEFAULTS.webListenAddress],
      ),
      telemetry_path: key(telemetryPath, "Where the metrics are.", DEFAULTS.telemetryPath),
      config_file: key(path, "TLS and basic auth in exporter-toolkit's format; relative to this file."),
      max_requests: key(count(0), "Scrapes served at once; 0 is no limit.", DEFAULTS.maxRequests),
      disable_exporter_metrics: flag("Leave out process_*, nodejs_* and the like.", false),
      systemd_socket: flag("Serve on the sockets that systemd hands over.", false),
    }),
    "The HTTP server.",
  ),
  snmp: key(
    object({
      listen_addresses: key(snmpListenAddresses, "Where SNMP is served; none turns it off.", [
        DEFAULTS.snmpListenAddress,
      ]),
      communities: key(
        list(
          object({
            name: sized("a community name", 255, /^\P{Cc}+$/u).meta({ description: "The community string." }),
            sources: key(
              nonEmptyList(text("an address or a prefix such as 192.0.2.0/24", parseIpPrefix), "addresses or prefixes"),
              "Who may use it.",
              DEFAULTS.snmpSources,
            ),
            view,
          }),
          "objects with name and sources",
        ),
        "Communities of versions 1 and 2c; read-only.",
        [{ name: DEFAULTS.snmpCommunity, sources: DEFAULTS.snmpSources }],
      ),
      users: key(list(user, "users"), "Users of version 3.", []),
      rate_limit: key(
        object({
          per_second: key(count(1), "Requests a second that it may go on asking.", DEFAULTS.snmpRequestsPerSecond),
          burst: key(count(1), "Requests that it may ask at once.", DEFAULTS.snmpRequestsBurst),
        }),
        "How much one source address may ask; this host always may.",
      ),
      agentx: key(
        object({
          socket: text("the path of a Unix socket, or tcp:HOST:PORT", parseAgentxSocket).meta({
            description: "Where the master agent listens.",
          }),
          mode: key(
            choice(AGENTX_MODES),
            "merge: the groups' rows among the master's own; replace: our tables instead of the master's.",
            DEFAULTS.agentxMode,
          ),
        }),
        "Be a subagent of a master agent such as snmpd.",
      ),
      damping: key(duration, "A link, a group or a member is told of at most once in this time.", DEFAULTS.snmpDamping),
      enterprise: key(
        text("an OID such as 1.3.6.1.4.1.8072.9999.9999.10191", parseOid),
        "Where IPMP-EXPORTER-MIB is rooted, when it has to move.",
        DEFAULTS.snmpEnterprise,
      ),
      notifications: key(list(notification, "notification targets"), "Who is told of changes.", []),
      system: key(
        object({
          contact: key(displayString, "sysContact.", ""),
          location: key(displayString, "sysLocation.", ""),
          name: key(displayString, "sysName; the host's name by default."),
        }),
        "The system group.",
      ),
    }),
    "The SNMP agent.",
  ),
  state: key(
    object({
      file: key(path, "What survives a restart; relative to the state directory; none keeps nothing."),
      checkpoint: key(cron, "When the counters are saved although nothing happened.", DEFAULTS.checkpoint),
    }),
    "Counters over a restart.",
  ),
  control: key(
    object({
      socket: key(
        text(`the path of a Unix socket, ${SOCKET_PATH_MAX} bytes at most, or none`, (value) =>
          value !== "" && !value.includes("\0") && Buffer.byteLength(value) <= SOCKET_PATH_MAX ? value : undefined,
        ),
        "Socket for the commands of this program; relative to the runtime directory; none has none.",
      ),
    }),
    "Local control.",
  ),
  log: key(
    object({
      level: key(choice(LOG_LEVELS), "Least severity that is logged.", DEFAULTS.logLevel),
      format: key(choice(LOG_FORMATS), "Form of a log line.", DEFAULTS.logFormat),
    }),
    "The log, on standard error.",
  ),
  path: key(
    object({
      procfs: key(path, "Where procfs is mounted.", DEFAULTS.procfs),
      sysfs: key(path, "Where sysfs is mounted.", DEFAULTS.sysfs),
    }),
    "Where the system shows itself.",
  ),
  source: key(choice(SOURCE_CHOICES), "Who reads the links.", DEFAULTS.source),
});

/** The file as it was written and checked: its own keys, values parsed, nothing filled in. */
export type Settings = z.output<typeof schema>;
