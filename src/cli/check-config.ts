/** `ipmp-exporter check-config FILE`, and `serve --config.check`. */

import type { Configuration } from "../config/configuration.ts";
import { type ConfigurationError, formatConfigurationError } from "../config/configuration-error.ts";
import { loadConfiguration } from "../config/load.ts";
import { print, type Run, type Terminal } from "./command.ts";

export const run: Run = async (given, terminal) => {
  const [file = ""] = given.operands;
  const result = loadConfiguration(file, new Map(), terminal.env);
  const status = await report(file, result, terminal);
  if (isErrors(result)) return status;
  const { hostWarnings } = await import("../daemon/process/host-warnings.ts");
  const { readableSecrets } = await import("../daemon/process/readable-secrets.ts");
  const warnings = [...(await readableSecrets(result)), ...(await hostWarnings(result))];
  print(
    terminal.stderr,
    warnings.map((warning) => `${file}: warning: ${warning}`),
  );
  if (status !== 0 || !given.has("live")) return status;
  const { rehearse } = await import("../daemon/process/rehearsal.ts");
  print(terminal.stdout, await rehearse(result));
  return status;
};

/** Says what is wrong with it and with what it refers to, one line each, on stderr (exit status 1), or what is there (0). */
export async function report(
  name: string,
  result: Configuration | readonly ConfigurationError[],
  { stdout, stderr }: Terminal,
): Promise<number> {
  if (isErrors(result)) {
    print(stderr, result.map(formatConfigurationError));
    return 1;
  }
  const { checkReferencedFiles } = await import("../daemon/process/referenced-files.ts");
  const problems = await checkReferencedFiles(result);
  if (problems.length > 0) {
    print(stderr, problems);
    return 1;
  }
  print(stdout, [`${name}: valid: ${summary(result)}`]);
  return 0;
}

export function isErrors(
  result: Configuration | readonly ConfigurationError[],
): result is readonly ConfigurationError[] {
  return Array.isArray(result);
}

function summary({ groups, web, snmp }: Configuration): string {
  const members = groups.reduce((total, group) => total + group.members.length, 0);
  const counts = [
    count(groups.length, "group"),
    count(members, "interface rule"),
    count(web.listenAddresses.length, "HTTP address", "HTTP addresses"),
    count(snmp.listenAddresses.length, "SNMP address", "SNMP addresses"),
  ];
  return counts.join(", ");
}

function count(number: number, one: string, many = `${one}s`): string {
  return `${number} ${number === 1 ? one : many}`;
}
