/** The SNMP part of the configuration as the agent takes it: addresses as text, passwords read from their files. */

import { readFileSync } from "node:fs";
import { hostname, release, type } from "node:os";
import type { IpPrefix } from "../config/address.ts";
import type { Build } from "../config/build.ts";
import type { SnmpConfiguration, SnmpNotification, SnmpUser } from "../config/configuration.ts";
import type { SnmpAddress } from "../config/endpoint.ts";
import type { AgentOptions, NotificationOptions } from "../snmp/agent.ts";
import { SHORTEST_PASSWORD, type UsmUser } from "../snmp/usm.ts";

/** A password file that cannot be used. The message says which one, whose, and what would be right. */
export class PasswordFileError extends Error {
  override readonly name = "PasswordFileError";
}

type Configured = Pick<
  AgentOptions,
  "listenAddresses" | "communities" | "users" | "agentx" | "notifications" | "dampingMs" | "enterprise" | "system"
>;

/** @throws PasswordFileError */
export function snmpOptions(snmp: SnmpConfiguration, build: Build): Configured {
  const users = snmp.users.map(withPasswords);
  const { contact, location, name = hostname() } = snmp.system;
  return {
    listenAddresses: snmp.listenAddresses.map(addressText),
    communities: snmp.communities.map((community) => ({ ...community, sources: community.sources.map(prefixText) })),
    users,
    ...(snmp.agentx ? { agentx: snmp.agentx } : {}),
    notifications: snmp.notifications.map((notification) => receiver(notification, users)),
    dampingMs: snmp.dampingMs,
    enterprise: snmp.enterprise,
    system: {
      description: `ipmp-exporter ${build.version} on ${hostname()}, ${type()} ${release()}`,
      contact,
      location,
      name,
    },
  };
}

function withPasswords({ name, auth, priv }: SnmpUser): UsmUser {
  return {
    name,
    auth: { protocol: auth.protocol, password: readPassword(auth.passwordFile, `auth of user "${name}"`) },
    priv: priv && { protocol: priv.protocol, password: readPassword(priv.passwordFile, `priv of user "${name}"`) },
  };
}

/** The first line of the file. */
function readPassword(file: string, whose: string): string {
  const right = `a readable file whose first line has ${SHORTEST_PASSWORD} characters or more`;
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new PasswordFileError(`Cannot read the password for ${whose}: ${reason}: expected ${right}`);
  }
  const password = text.split(/\r?\n/, 1)[0] ?? "";
  if (password.length < SHORTEST_PASSWORD) {
    throw new PasswordFileError(
      `Cannot use the password in "${file}" for ${whose}: it has ${password.length} characters: expected ${right}`,
    );
  }
  return password;
}

/** The configuration has been checked: the user of a version 3 receiver is one of the users. */
function receiver({ target, version, credential, type: kind }: SnmpNotification, users: readonly UsmUser[]) {
  const user = users.find(({ name }) => name === credential);
  const options: NotificationOptions = {
    target: addressText(target),
    type: kind,
    credential: version === 3 && user ? { version, user } : { version: version === 1 ? 1 : 2, community: credential },
  };
  return options;
}

/** As `--snmp.listen-address` writes it. */
function addressText({ transport, address, port }: SnmpAddress): string {
  return transport === "udp6" ? `udp6:[${address}]:${port}` : `udp:${address}:${port}`;
}

function prefixText({ address, prefixLength }: IpPrefix): string {
  return `${address}/${prefixLength}`;
}
