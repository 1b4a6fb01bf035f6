/** Who may read what over SNMP: communities of versions 1 and 2c, users of version 3 (RFC 3414), and their views (RFC 3415). */

import { parseIpPrefix } from "../../net-address/ip-prefix.ts";
import { AUTH_PROTOCOLS, PRIV_PROTOCOLS } from "../choices.ts";
import { key, object, optional, required } from "../keys.ts";
import { parseSubtree } from "../oid.ts";
import { choice, list, nonEmptyList, path, sized, text } from "../value-schemas.ts";

/** SnmpAdminString (SIZE(1..32)) of usmUserName, RFC 3414. */
export const USER_NAME_MAX = 32;

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

/** usmUserName. */
export const userName = sized(`a user name of 1 to ${USER_NAME_MAX} bytes`, USER_NAME_MAX, /^\P{Cc}+$/u);

export const communityName = sized("a community name", 255, /^\P{Cc}+$/u);

/** The community that every manager tries first; net-snmp's too. */
export const STANDARD_COMMUNITY = "public";

export const THIS_HOST = ["127.0.0.1", "::1"];

export const community = object({
  name: required(communityName, "The community string."),
  sources: key(
    nonEmptyList(text("an address or a prefix such as 192.0.2.0/24", parseIpPrefix), "addresses or prefixes"),
    { description: "Addresses from which the community may be used.", standard: THIS_HOST, origin: "this host" },
  ),
  view,
});

const passwordFile = required(path, "File whose first line is the password.", "beside the configuration file");

export const user = object({
  name: required(userName, "Name of the user (usmUserName)."),
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
