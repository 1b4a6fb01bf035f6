/** Files that hold secrets and that other users of the host may read: what the start and `check-config` warn about. */

import type { Configuration } from "../../config/configuration.ts";
import { STANDARD_COMMUNITY } from "../../config/sections/snmp-access.ts";
import { secretsOfWebConfig } from "../../web/web.ts";
import { othersMayRead } from "./password-file.ts";

/** One line for each such file, by its key. */
export async function readableSecrets({ file, web, snmp, sources }: Configuration): Promise<string[]> {
  const passwords = snmp.users.flatMap(({ auth, priv }, index) => [
    { what: `snmp.users[${index}].auth.password_file`, path: auth.passwordFile },
    ...(priv ? [{ what: `snmp.users[${index}].priv.password_file`, path: priv.passwordFile }] : []),
  ]);
  const communityFiles = sources.flatMap((source, index) =>
    source.kind === "snmp" && "communityFile" in source.credential
      ? [{ what: `sources[${index}].community_file`, path: source.credential.communityFile }]
      : [],
  );
  const communities = [
    ...sources.flatMap((source) =>
      source.kind === "snmp" && "community" in source.credential ? [source.credential.community] : [],
    ),
    ...snmp.communities.map(({ name }) => name),
    ...snmp.notifications.flatMap(({ version, credential }) => (version === 3 ? [] : [credential])),
  ];
  const isSecret = communities.some((name) => name !== STANDARD_COMMUNITY);
  const own = file !== undefined && isSecret ? [{ what: "the file, which has communities", path: file }] : [];
  const ofWeb = web.configFile === undefined ? [] : await secretsOfWebConfig(web.configFile);
  return [...own, ...passwords, ...communityFiles, ...ofWeb]
    .filter(({ path }) => othersMayRead(path))
    .map(({ what }) => `${what}: other users of this host may read it: expected mode 640 or less`);
}
