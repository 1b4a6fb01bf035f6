/** Everything that a configuration refers to and that is looked at only when the program starts: the web configuration with its files, passwords, views. */

import { readBuild } from "../../config/build.ts";
import type { Configuration } from "../../config/configuration.ts";
import { checkWebConfig } from "../../web/web.ts";
import { SnmpSettingError, snmpOptions } from "./snmp-options.ts";

/** What is wrong there, one line each. */
export async function checkReferencedFiles({ web, snmp }: Configuration): Promise<string[]> {
  const build = readBuild();
  // One user after the other, so that each is told of.
  const alone = snmp.users.map((user) => ({ ...snmp, users: [user], notifications: [] }));
  const problems = [...alone, { ...snmp, users: [], notifications: [] }].flatMap((part) => {
    try {
      snmpOptions(part, build);
      return [];
    } catch (error) {
      if (!(error instanceof SnmpSettingError)) throw error;
      return [error.message];
    }
  });
  const wrongWeb = web.configFile === undefined ? undefined : await checkWebConfig(web.configFile);
  return [...new Set([...(wrongWeb === undefined ? [] : [wrongWeb]), ...problems])];
}
