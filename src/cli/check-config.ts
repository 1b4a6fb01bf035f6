/** `ipmp-exporter check-config FILE…`, and `serve --config.check`. */

import type { Configuration } from "../config/configuration.ts";
import { type ConfigurationError, formatConfigurationError } from "../config/configuration-error.ts";
import { readStream } from "../config/document.ts";
import { configure, loadConfiguration } from "../config/load.ts";
import { unusedKeys } from "../config/unused-keys.ts";
import type { Arguments } from "./arguments.ts";
import { print, type Run, type Terminal, UsageError } from "./command.ts";

/** Standard input as a file, and what it is called in messages. */
const STDIN = "-";
const STDIN_NAME = "<stdin>";

/** All are checked, also after one that is wrong. */
export const run: Run = async (given, terminal) => {
  const { operands } = given;
  if (operands.filter((file) => file === STDIN).length > 1)
    throw new UsageError(`check-config reads standard input once: found ${STDIN} twice`);
  let status = 0;
  for (const file of operands) status = Math.max(status, await check(file, given, terminal));
  return status;
};

async function check(file: string, given: Arguments, terminal: Terminal): Promise<number> {
  const isStdin = file === STDIN;
  const name = isStdin ? STDIN_NAME : file;
  const result = isStdin ? await fromStdin(terminal) : loadConfiguration(file, new Map(), terminal.env);
  const status = await report(name, result, terminal);
  if (isErrors(result)) return status;
  const { hostWarnings } = await import("../daemon/process/host-warnings.ts");
  const { readableSecrets } = await import("../daemon/process/readable-secrets.ts");
  const warnings = [...(await readableSecrets(result)), ...unusedKeys(result), ...(await hostWarnings(result))];
  print(
    terminal.stderr,
    warnings.map((warning) => `${name}: warning: ${warning}`),
  );
  if (status !== 0 || !given.has("live")) return status;
  const { rehearse } = await import("../daemon/process/rehearsal.ts");
  print(terminal.stdout, await rehearse(result));
  return status;
}

/** What it refers to by relative paths lies beside it, which is the working directory. */
async function fromStdin({ stdin, env }: Terminal): Promise<Configuration | readonly ConfigurationError[]> {
  const document = await readStream(STDIN_NAME, stdin);
  return Array.isArray(document) ? document : configure(document, new Map(), env);
}

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
    print(
      stderr,
      problems.map((problem) => `${name}: ${problem}`),
    );
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
