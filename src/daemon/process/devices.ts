/** The devices of the configuration as sources, and which of their links the groups want. */

import type { Configuration, DeviceConfiguration, MemberRule } from "../../config/configuration.ts";
import type { Credential } from "../../sources/snmp/manager.ts";
import type { SnmpSource } from "../../sources/snmp/snmp-source.ts";
import type { Clock } from "./clock.ts";
import { readPassword } from "./password-file.ts";
import { readPasswords, SnmpSettingError } from "./snmp-options.ts";

/** Milliseconds between the first polls of two devices, on average: deriving the keys of version 3 takes some of them for each device. */
const SPREAD_MS = 25;

export class Devices {
  readonly sources: readonly SnmpSource[];
  #groups: Configuration["groups"];

  private constructor(groups: Configuration["groups"], make: (devices: Devices) => readonly SnmpSource[]) {
    this.#groups = groups;
    this.sources = make(this);
  }

  /** @throws SnmpSettingError when a file of a community or a password cannot be used */
  static async open({ sources, groups, snmp: { users } }: Configuration, clock: Clock): Promise<Devices> {
    if (sources.length === 0) return new Devices(groups, () => []);
    // Whoever polls nothing does not load the library.
    const snmp = await import("../../sources/snmp/snmp-source.ts");
    const problems: string[] = [];
    const spread = Math.min(sources.length * SPREAD_MS, ...sources.map(({ interval }) => interval));
    return new Devices(groups, (devices) => {
      /** How a source of each kind is made. */
      const make = {
        snmp: (device: DeviceConfiguration, index: number) =>
          new snmp.SnmpSource({
            name: device.name,
            target: device.target,
            credential: credentialOf(device, index, users, problems),
            intervalMs: device.interval,
            timeoutMs: device.timeout,
            failures: device.failures,
            firstMs: Math.random() * spread,
            now: () => clock.now(),
            wants: (names) => devices.#wants(device.name, names),
          }),
      } as const;
      const made = sources.map((source, index) => make[source.kind](source, index));
      if (problems.length > 0) throw new SnmpSettingError(problems);
      return made;
    });
  }

  /** The groups of a configuration that has been loaded again. */
  want(groups: Configuration["groups"]): void {
    this.#groups = groups;
    for (const source of this.sources) source.lookAgain();
  }

  #wants(source: string, names: readonly string[]): boolean {
    return this.#groups.some(({ members }) =>
      members.some((rule) => rule.source === source && names.some((name) => applies(rule, name))),
    );
  }
}

function applies(rule: MemberRule, name: string): boolean {
  return rule.kind === "device" ? rule.device === name : rule.match.test(name);
}

/** What is wrong with the files that sources name, one line each. */
export function deviceProblems({ sources, snmp }: Configuration): readonly string[] {
  const problems: string[] = [];
  for (const [index, source] of sources.entries()) credentialOf(source, index, snmp.users, problems);
  return problems;
}

/** A secret that cannot be read is empty, and a problem. */
function credentialOf(
  { credential }: DeviceConfiguration,
  index: number,
  users: Configuration["snmp"]["users"],
  problems: string[],
): Credential {
  if (credential.version === 3) {
    const { user } = credential;
    const userIndex = users.findIndex(({ name }) => name === user.name);
    return { version: 3, user: readPasswords(user, userIndex, problems) };
  }
  const { version } = credential;
  if ("community" in credential) return { version, community: credential.community };
  const read = readPassword(credential.communityFile, 1);
  if ("password" in read) return { version, community: read.password };
  problems.push(`Cannot use sources[${index}].community_file: ${read.problem}`);
  return { version, community: "" };
}
