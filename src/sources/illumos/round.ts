/** One round of questions to illumos: each command once, one after the other. */

import type { PrintedKstat } from "../../kstat/printed-kstat.ts";
import type { Command, CommandResult } from "../command.ts";
import type { Mode, ModeRow } from "./ipmpstat-rows.ts";
import {
  type Answer,
  dladmCommand,
  type Failure,
  ipmpstatCommand,
  kstatCommand,
  kstatsOf,
  type LinkRow,
  linksOf,
  modeOf,
} from "./tools.ts";

export type ModeAnswers = { readonly [M in Mode]: Answer<readonly ModeRow<M>[]> };

export interface Round {
  /** The kstats of the groups, read before anything else. */
  readonly groupKstats: Answer<readonly PrintedKstat[]>;
  /** Undefined: there is no group that could be asked about. */
  readonly modes: ModeAnswers | undefined;
  readonly links: Answer<readonly LinkRow[]>;
  /** The kstats of the links, read last. */
  readonly linkKstats: Answer<readonly PrintedKstat[]>;
}

/**
 * Asks in an order that counts nothing twice: the groups' own sums first, then who is a member, then what the links carried. So a sum
 * is never of later than the readings that it is compared with, and who has joined had done so when its link is read.
 */
export async function askAll(root: string, run: (command: Command) => Promise<CommandResult>): Promise<Round> {
  const ofGroups = kstatCommand(root, "ipmp:0::");
  const groupKstats = kstatsOf(ofGroups, await run(ofGroups));
  // Without a group in.mpathd need not be running, and each question makes it look at all interfaces.
  const isInUse = groupKstats.kind === "failed" || groupKstats.value.length > 0;
  const modes = isInUse ? await askModes(root, run) : undefined;
  const dladm = dladmCommand(root);
  const links = linksOf(dladm, await run(dladm));
  const ofLinks = kstatCommand(root, "link:0::");
  const linkKstats = groupKstats.kind === "failed" ? groupKstats : kstatsOf(ofLinks, await run(ofLinks));
  return { groupKstats, modes, links, linkKstats };
}

async function askModes(root: string, run: (command: Command) => Promise<CommandResult>): Promise<ModeAnswers> {
  let silent: Failure | undefined;
  const ask = async <M extends Mode>(mode: M): Promise<Answer<readonly ModeRow<M>[]>> => {
    if (silent) return silent;
    const command = ipmpstatCommand(root, mode);
    const answer = modeOf(mode, command, await run(command));
    // What is not there, hangs or reaches no daemon does so in every mode.
    if (answer.kind === "failed" && answer.outcome !== "not_understood") silent = answer;
    return answer;
  };
  return {
    groups: await ask("groups"),
    interfaces: await ask("interfaces"),
    addresses: await ask("addresses"),
    targets: await ask("targets"),
  };
}

/** What failed, one sentence a command at most; undefined when everything was answered. */
export function failureOf({ groupKstats, modes, links, linkKstats }: Round): Failure | undefined {
  const ofModes = Object.values(modes ?? {}).find((answer) => answer.kind === "failed");
  const ofKstat = groupKstats.kind === "failed" ? groupKstats : linkKstats;
  const failures = [ofKstat, ofModes, links].filter((answer) => answer?.kind === "failed");
  const [first] = failures;
  return first && { ...first, cause: failures.map(({ cause }) => cause).join("; ") };
}

/** Lines on standard error of commands that answered. */
export function warningsOf({ groupKstats, modes, links, linkKstats }: Round): number {
  const answers = [groupKstats, ...Object.values(modes ?? {}), links, linkKstats];
  return answers.reduce((sum, answer) => sum + (answer.kind === "answered" ? answer.warnings.length : 0), 0);
}
