/** Everything that a configuration refers to and that is looked at only when the program starts: the web configuration with its files, passwords, views, communities of devices. */

import { readBuild } from "../../config/build.ts";
import type { Configuration } from "../../config/configuration.ts";
import { checkWebConfig } from "../../web/web.ts";
import { deviceProblems } from "./devices.ts";
import { SnmpSettingError, snmpOptions } from "./snmp-options.ts";

/** What is wrong there, one line each. */
export async function checkReferencedFiles(configuration: Configuration): Promise<string[]> {
  const { web, snmp } = configuration;
  const wrongWeb = web.configFile === undefined ? undefined : await checkWebConfig(web.configFile);
  return [
    ...(wrongWeb === undefined ? [] : [wrongWeb]),
    ...new Set([...snmpProblems(snmp), ...deviceProblems(configuration)]),
  ];
}

function snmpProblems(snmp: Configuration["snmp"]): readonly string[] {
  try {
    snmpOptions(snmp, readBuild());
    return [];
  } catch (error) {
    if (!(error instanceof SnmpSettingError)) throw error;
    return error.problems;
  }
}
