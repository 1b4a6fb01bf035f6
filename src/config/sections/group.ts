/** A group of links in the file: its name, which links are its members, and what it takes for it to be ok. */

import * as z from "zod";
import { flag, key, object, optional, required } from "../keys.ts";
import { type NamePattern, Re2Pattern } from "../name-pattern.ts";
import { address, count, list, nonEmptyList, sized } from "../value-schemas.ts";
import { sourceName } from "./source.ts";

/** LIFGRNAMSIZ and LIFNAMSIZ of net/if.h on illumos, less the final NUL. */
const GROUP_NAME_MAX = 31;
/** ALTIFNAMSIZ of linux/if.h, less the final NUL: a link may be named by an alternative name. */
const DEVICE_NAME_MAX = 127;

/** DisplayString (SIZE(0..255)). */
const ON_DEVICE_NAME_MAX = 255;

/** dev_valid_name() of the Linux kernel: no slash, colon or white space, and neither "." nor "..". */
const INTERFACE_NAME = /^(?!\.{1,2}$)[^/:\s\p{Cc}]+$/u;

const groupName = sized(
  `a group name of 1 to ${GROUP_NAME_MAX} bytes without control characters`,
  GROUP_NAME_MAX,
  /^[^\p{Cc}]*\S[^\p{Cc}]*$/u,
);
const metaInterfaceName = sized(
  `an interface name of 1 to ${GROUP_NAME_MAX} bytes without slash, colon or space`,
  GROUP_NAME_MAX,
  INTERFACE_NAME,
);
const DEVICE_NAME = `a device name of 1 to ${DEVICE_NAME_MAX} bytes without slash, colon or space`;
const deviceName = sized(DEVICE_NAME, DEVICE_NAME_MAX, INTERFACE_NAME);
/** ifName and ifDescr of IF-MIB are any text: "Ethernet1/49", "Port 3 (uplink)". */
const nameOnDevice = sized(
  `the name of a link, 1 to ${ON_DEVICE_NAME_MAX} bytes`,
  ON_DEVICE_NAME_MAX,
  /^(?=.*\S)\P{Cc}+$/u,
);

const regularExpression = z.string({ error: "a regular expression" }).transform((value, context): NamePattern => {
  try {
    return new Re2Pattern(value);
  } catch (error) {
    const reason = error instanceof Error ? error.message : "";
    context.issues.push({ code: "custom", input: value, message: `a regular expression of RE2 (${reason})` });
    return z.NEVER;
  }
});

const member = z.union(
  [
    deviceName,
    object({
      source: optional(sourceName, {
        description: "Name of the source whose links are meant.",
        origin: "this host",
      }),
      device: optional(nameOnDevice, {
        description: "Name of the link, or one of its other names: an alternative name, ifDescr.",
        origin: "none; give either device or match",
      }),
      match: optional(regularExpression, {
        description:
          "Regular expression, in the syntax of RE2 (as in Prometheus). Every link in whose name it finds a match is a member. One that is gone is missed until the configuration is loaded again.",
        origin: "none; give either device or match",
      }),
      standby: flag({
        description: "Keep the member in reserve: it carries traffic only while other members have failed.",
        standard: false,
        origin: "an interface is no standby unless ipadm makes it one",
      }),
    })
      .refine(({ device, match }) => (device === undefined) !== (match === undefined), {
        error: "exactly one of device and match",
      })
      .refine(({ source, device }) => source !== undefined || deviceName.nullish().safeParse(device).success, {
        path: ["device"],
        error: DEVICE_NAME,
      }),
  ],
  { error: "a device name or an object with device or match" },
);

export const group = object({
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
