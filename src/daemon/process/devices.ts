/** The other systems of the configuration as sources, and which links of devices the groups want. */

import type {
  Configuration,
  DeviceConfiguration,
  IllumosConfiguration,
  MemberRule,
} from "../../config/configuration.ts";
import { openIllumosSource } from "../../sources/illumos/open-illumos-source.ts";
import type { Credential } from "../../sources/snmp/manager.ts";
import type { SnmpSource } from "../../sources/snmp/snmp-source.ts";
import type { Source } from "../../sources/source.ts";
import type { Clock } from "./clock.ts";
import { readPassword } from "./password-file.ts";
import { readPasswords, SnmpSettingError } from "./snmp-options.ts";

/** Milliseconds between the first polls of two devices, on average: deriving the keys of version 3 takes some of them for each device. */
const SPREAD_MS = 25;

export class Devices {
  /** In the order of the configuration. */
  readonly sources: readonly Source[];
  readonly #polled: readonly SnmpSource[];
  #groups: Configuration["groups"];

  private constructor(
    { sources, groups }: Configuration,
    systems: readonly Source[],
    poll: (devices: Devices) => readonly SnmpSource[],
  ) {
    this.#groups = groups;
    this.#polled = poll(this);
    const byName = new Map([...this.#polled, ...systems].map((source) => [source.name, source]));
    this.sources = sources.flatMap(({ name }) => byName.get(name) ?? []);
  }

  /**
   * illumos systems are asked once before this resolves, so that their groups are there when groups are first planned.
   *
   * @throws SnmpSettingError when a file of a community or a password cannot be used
   */
  static async open(configuration: Configuration, clock: Clock): Promise<Devices> {
    const problems: string[] = [];
    const polled = readCredentials(configuration, problems);
    if (problems.length > 0) throw new SnmpSettingError(problems);
    const { sources } = configuration;
    const systems = await Promise.all(sources.filter((source) => source.kind === "illumos").map(openSystem));
    if (polled.length === 0) return new Devices(configuration, systems, () => []);
    // Whoever polls nothing does not load the library.
    const { SnmpSource } = await import("../../sources/snmp/snmp-source.ts");
    const { LookUpTurns } = await import("../../sources/snmp/look-up-turns.ts");
    const turns = new LookUpTurns();
    const spread = Math.min(polled.length * SPREAD_MS, ...polled.map(({ device }) => device.interval));
    return new Devices(configuration, systems, (devices) =>
      polled.map(
        ({ device: { name, target, interval, timeout, failures, discoversLags }, credential }) =>
          new SnmpSource({
            name,
            target,
            credential,
            intervalMs: interval,
            timeoutMs: timeout,
            failures,
            firstMs: Math.random() * spread,
            now: () => clock.now(),
            discoversLags,
            turns,
            wants: (names) => devices.#wants(name, names),
          }),
      ),
    );
  }

  /** The groups of a configuration that has been loaded again. */
  want(groups: Configuration["groups"]): void {
    this.#groups = groups;
    for (const source of this.#polled) source.lookAgain();
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

async function openSystem({ name, path, interval }: IllumosConfiguration): Promise<Source> {
  const { source } = await openIllumosSource({ name, root: path, intervalMs: interval });
  return source;
}

/** What is wrong with the files that sources name, one line each. */
export function deviceProblems(configuration: Configuration): readonly string[] {
  const problems: string[] = [];
  readCredentials(configuration, problems);
  return problems;
}

interface ReadDevice {
  readonly device: DeviceConfiguration;
  readonly credential: Credential;
}

/** The devices that are polled, each with its secrets read. */
function readCredentials({ sources, snmp: { users } }: Configuration, problems: string[]): readonly ReadDevice[] {
  return sources.flatMap((source, index) =>
    source.kind === "snmp" ? [{ device: source, credential: credentialOf(source, index, users, problems) }] : [],
  );
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
