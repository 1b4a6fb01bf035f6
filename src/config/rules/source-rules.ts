/** Rules of sources: their names, and which keys belong to which kind of them. */

import { LOCAL } from "../../link/link-id.ts";
import type { Finding } from "../findings.ts";
import type { Settings } from "../schema.ts";
import { ILLUMOS_LEAST_INTERVAL, type SourceSettings } from "../sections/source.ts";
import { repeated } from "./repeats.ts";
import type { Rule } from "./rule.ts";

export const SOURCE_RULES: readonly Rule[] = [
  ({ sources }) =>
    repeated(
      sources.map(({ name }, index) => ({ value: name, path: ["sources", index, "name"] })),
      "a name of its own",
    ),
  sourceOfHost,
  sourceOfMember,
  keyOfOtherKind,
  illumosInterval,
  deviceTarget,
  deviceCredentials,
];

function sourceOfHost({ sources }: Settings): Finding[] {
  return sources.flatMap(({ name }, index) =>
    name === LOCAL
      ? [{ path: ["sources", index, "name"], expected: `another name: ${LOCAL} is this host, which needs no entry` }]
      : [],
  );
}

function sourceOfMember({ groups, sources }: Settings): Finding[] {
  const names = new Set(sources.map(({ name }) => name));
  return groups.flatMap(({ interfaces }, group) =>
    interfaces.flatMap((member, index) => {
      const source = typeof member === "string" ? undefined : member.source;
      const path = ["groups", group, "interfaces", index, "source"];
      return source === undefined || names.has(source) ? [] : [{ path, expected: "the name of one of sources" }];
    }),
  );
}

/** Keys that mean something for one kind of source alone, as the file spells them. */
const KEYS_OF_KIND = {
  snmp: {
    target: "target",
    version: "version",
    user: "user",
    community: "community",
    communityFile: "community_file",
    timeout: "timeout",
    failures: "failures",
    discover: "discover",
  },
  illumos: { path: "path" },
} as const satisfies Record<SourceSettings["kind"], Partial<Record<keyof SourceSettings, string>>>;

function keyOfOtherKind({ sources }: Settings): Finding[] {
  return sources.flatMap((source, index) =>
    Object.entries(KEYS_OF_KIND)
      .filter(([kind]) => kind !== source.kind)
      .flatMap(([kind, keys]) =>
        Object.entries(keys)
          .filter(([key]) => source[key as keyof SourceSettings] !== undefined)
          .map(
            ([, written]): Finding => ({
              path: ["sources", index, written],
              expected: `kind: ${kind} beside ${written}`,
              ofKey: true,
            }),
          ),
      ),
  );
}

function illumosInterval({ sources }: Settings): Finding[] {
  return sources.flatMap(({ kind, interval = ILLUMOS_LEAST_INTERVAL }, index) =>
    kind === "illumos" && interval < ILLUMOS_LEAST_INTERVAL
      ? [
          {
            path: ["sources", index, "interval"],
            expected: `at least ${ILLUMOS_LEAST_INTERVAL / 1000}s with illumos, because each round makes in.mpathd look at all interfaces`,
          },
        ]
      : [],
  );
}

function deviceTarget({ sources }: Settings): Finding[] {
  return sources.flatMap(({ kind, target }, index): Finding[] => {
    if (kind !== "snmp") return [];
    const path = ["sources", index, "target"];
    if (target === undefined) return [{ path, found: "missing", expected: "udp:ADDRESS:PORT of the device's agent" }];
    const isOne = target.port !== 0 && target.address !== "0.0.0.0" && target.address !== "::";
    return isOne ? [] : [{ path, expected: "the address and port of one device" }];
  });
}

function deviceCredentials({ sources, snmp }: Settings): Finding[] {
  const users = new Set(snmp.users.map(({ name }) => name));
  return sources.flatMap(({ kind, version, user, community, communityFile }, index): Finding[] => {
    if (kind !== "snmp") return [];
    const path = ["sources", index];
    if (version === 3) {
      const wanted = "the name of one of snmp.users";
      if (user === undefined) return [{ path: [...path, "user"], found: "missing", expected: wanted }];
      if (!users.has(user)) return [{ path: [...path, "user"], expected: wanted }];
      const written = community === undefined ? communityFile && "community_file" : "community";
      return written ? [{ path: [...path, written], expected: "no community in version 3", ofKey: true }] : [];
    }
    if (user !== undefined) return [{ path: [...path, "user"], expected: "version: 3 beside a user", ofKey: true }];
    if (community !== undefined && communityFile !== undefined)
      return [{ path: [...path, "community"], expected: "community or community_file, not both", ofKey: true }];
    return [];
  });
}
