/** A receiver of SNMP notifications: where it is, and in whose name they are sent (RFC 3413). */

import * as z from "zod";
import { parseNotificationTarget } from "../../net-address/snmp-endpoint.ts";
import { key, object, optional, required } from "../keys.ts";
import { address, choice, sized, text } from "../value-schemas.ts";
import { communityName, STANDARD_COMMUNITY, USER_NAME_MAX } from "./snmp-access.ts";

export const notification = object({
  target: required(
    text("udp:ADDRESS:PORT of a manager", parseNotificationTarget),
    "Address of the receiver. The port is 162 when none is written.",
  ),
  source_address: optional(address, {
    description:
      "Address of this host from which the notification is sent. While the host does not have it, changes wait and add up.",
    origin: "the one of the route to the receiver",
  }),
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
