/**
 * Everything that a configuration refers to and that is looked at only when the program starts: the web configuration with its files, passwords, views, communities of
 * devices, the place of the state.
 */

import { statSync } from "node:fs";
import { readBuild } from "../../config/build.ts";
import type { Configuration } from "../../config/configuration.ts";
import { checkWebConfig } from "../../web/web.ts";
import { deviceProblems } from "./devices.ts";
import { SnmpSettingError, snmpOptions } from "./snmp-options.ts";

/** What is wrong there, one line each. */
export async function checkReferencedFiles(configuration: Configuration): Promise<string[]> {
  const { web, snmp, state } = configuration;
  const wrongWeb = web.configFile === undefined ? undefined : await checkWebConfig(web.configFile);
  return [
    ...(wrongWeb === undefined ? [] : [wrongWeb]),
    ...new Set([...snmpProblems(snmp), ...deviceProblems(configuration)]),
    ...(state.file === undefined ? [] : stateProblems(state.file)),
  ];
}

/** Where there is something else than a file, nothing is ever saved. What cannot be looked at here may be there for the daemon's user. */
function stateProblems(path: string): readonly string[] {
  try {
    const found = statSync(path);
    if (found.isFile()) return [];
    const what = found.isDirectory() ? "a folder" : "a device, a pipe or a socket";
    return [`state.file: "${path}" is ${what}: expected the path of a file`];
  } catch {
    return [];
  }
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
