/** Rules of who may ask over SNMP, and of who is told. */

import { familyOf } from "../../net-address/ip-address.ts";
import { formatSnmpEndpoint } from "../../net-address/snmp-endpoint.ts";
import type { Finding } from "../findings.ts";
import type { Settings } from "../schema.ts";
import { repeated, repeats } from "./repeats.ts";
import type { Rule } from "./rule.ts";

export const SNMP_RULES: readonly Rule[] = [
  communityTwice,
  userTwice,
  notificationCredentials,
  notificationSource,
  receiverTwice,
];

function communityTwice({ snmp }: Settings): Finding[] {
  const all = snmp.communities.map(({ name }, index) => ({
    value: name,
    path: ["snmp", "communities", index, "name"],
  }));
  return repeated(all, "each community once");
}

function userTwice({ snmp }: Settings): Finding[] {
  const all = snmp.users.map(({ name }, index) => ({ value: name, path: ["snmp", "users", index, "name"] }));
  return repeated(all, "each user once");
}

function notificationSource({ snmp }: Settings): Finding[] {
  return snmp.notifications.flatMap(({ target, sourceAddress }, index): Finding[] => {
    if (sourceAddress === undefined || familyOf(sourceAddress) === familyOf(target.address)) return [];
    const family = familyOf(target.address) === "ipv4" ? "IPv4" : "IPv6";
    const path = ["snmp", "notifications", index, "source_address"];
    return [{ path, expected: `an ${family} address, as the target has` }];
  });
}

/** Each notification would be sent to it twice. The target is shown as it was written, which may be another text for the same. */
function receiverTwice({ snmp }: Settings): Finding[] {
  const all = snmp.notifications.map(({ target, ...how }, index) => ({
    value: JSON.stringify([
      formatSnmpEndpoint(target),
      how.version,
      how.type,
      how.user,
      how.community,
      how.sourceAddress,
    ]),
    path: ["snmp", "notifications", index, "target"],
  }));
  return repeats(all).map(({ path, earlier }) => ({ path, expected: `each receiver once: it is ${earlier}` }));
}

function notificationCredentials({ snmp }: Settings): Finding[] {
  const users = new Set(snmp.users.map(({ name }) => name));
  return snmp.notifications.flatMap(({ version, user, community, type }, index): Finding[] => {
    const path = ["snmp", "notifications", index];
    if (version === 3) {
      if (user === undefined)
        return [{ path: [...path, "user"], found: "missing", expected: "the name of one of snmp.users" }];
      if (!users.has(user)) return [{ path: [...path, "user"], expected: "the name of one of snmp.users" }];
      if (community !== undefined)
        return [{ path: [...path, "community"], expected: "no community in version 3", ofKey: true }];
      return [];
    }
    if (user !== undefined) return [{ path: [...path, "user"], expected: "version: 3 beside a user", ofKey: true }];
    if (version === 1 && type === "inform") return [{ path: [...path, "type"], expected: "trap, or version 2 or 3" }];
    return [];
  });
}
