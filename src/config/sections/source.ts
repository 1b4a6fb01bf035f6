/** Another system whose links are watched: what it is, how it is asked, and how often. Which of its links matter is said by groups. */

import * as z from "zod";
import { parseSnmpEndpoint } from "../../net-address/snmp-endpoint.ts";
import { DISCOVERIES, SOURCE_KINDS } from "../choices.ts";
import { object, optional, required } from "../keys.ts";
import { choice, count, duration, path, sized, text } from "../value-schemas.ts";
import { communityName, STANDARD_COMMUNITY, userName } from "./snmp-access.ts";

const SOURCE_NAME_MAX = 31;

/** It stands before a colon in the labels of links, and in the query of an URL. */
export const sourceName = sized(
  `a name of 1 to ${SOURCE_NAME_MAX} letters, digits, dots, hyphens or underscores`,
  SOURCE_NAME_MAX,
  /^[A-Za-z0-9][A-Za-z0-9._-]*$/,
);

/** Nothing between the quotes is the system's own root. */
const root = text("the path of a directory", (value) => (value.includes("\0") ? undefined : value || "/"));

export const source = object({
  name: required(sourceName, "Name of the system: the label `source` of its links, and the target of `/probe`."),
  kind: required(
    choice(SOURCE_KINDS),
    "How its links are read: `snmp` asks the IF-MIB of a device, `illumos` runs the commands of an illumos system, and shows its IPMP groups.",
  ),
  target: optional(
    text("udp:ADDRESS:PORT of an agent, such as udp:192.0.2.11:161 or udp6:[2001:db8::11]:161", parseSnmpEndpoint),
    {
      description: "For `snmp`: address of the device's agent. The port is 161 when none is written.",
      origin: "none; required with `snmp`",
    },
  ),
  version: optional(z.union([z.literal(1), z.literal(2), z.literal(3)], { error: "1, 2 or 3" }), {
    description: "For `snmp`: version of the protocol. Version 1 has no 64-bit counters.",
    origin: "`2`: 2c is what most devices speak",
  }),
  user: optional(userName, {
    description: "For version 3: the user of `snmp.users` in whose name the device is asked.",
    origin: "none; required with version 3",
  }),
  community: optional(communityName, {
    description: "For versions 1 and 2: a community that is no secret.",
    origin: `${STANDARD_COMMUNITY}, as in net-snmp`,
  }),
  community_file: optional(path, {
    description: "For versions 1 and 2: file whose first line is the community.",
    origin: "none: `community` holds",
    relativeTo: "beside the configuration file",
  }),
  discover: optional(choice(DISCOVERIES), {
    description:
      "For `snmp`: what of the device becomes groups by itself. `lags`: each link aggregation with its ports, as the device tells them in IEEE8023-LAG-MIB and ifStackTable.",
    origin: "none: only links that `groups` name are polled",
  }),
  path: optional(root, {
    description:
      "For `illumos`: directory below which `usr/bin/kstat`, `usr/sbin/ipmpstat` and `usr/sbin/dladm` are; another than `/` is for a tree of recorded commands.",
    origin: "`/`, where illumos has them",
    relativeTo: "beside the configuration file",
  }),
  interval: optional(duration, {
    description: "Time from one poll of the system to the next; with `illumos` at least 5s.",
    origin:
      "`30s` with `snmp`: half of the 60 s at which managers mostly poll, so that a 32-bit counter of a gigabit link passes its top once at most; `10s` with `illumos`",
  }),
  timeout: optional(duration, {
    description: "For `snmp`: time in which a request is answered; it is sent twice.",
    origin: "`2s`: a device that is busy answers within a second",
  }),
  failures: optional(count(1), {
    description: "For `snmp`: polls in a row without an answer after which the system's links count as failed.",
    origin: "`3`: one lost datagram is no failure",
  }),
});

export type SourceSettings = z.output<typeof source>;

/** What holds where a key is left out that means something for its kind alone. Times are milliseconds. */
export const SOURCE_DEFAULTS = {
  snmp: { version: 2, interval: 30_000, timeout: 2_000, failures: 3 },
  illumos: { interval: 10_000, path: "/" },
} as const;

/** Milliseconds: each round of questions makes in.mpathd look at all interfaces. */
export const ILLUMOS_LEAST_INTERVAL = 5_000;
