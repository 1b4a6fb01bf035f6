/** `ipmp-exporter status [GROUP]`: how the groups are, on one screen. The exit status is that of a Nagios plugin, whose output is its first line. */

import * as z from "zod";
import { nearName } from "../config/near-name.ts";
import { list } from "../wording/verdict.ts";
import { Failure, NOT_KNOWN, type Run, UsageError } from "./command.ts";
import { controlOf, get } from "./control.ts";
import { eventsAnswer } from "./event-answer.ts";
import { groupsAnswer, inOrderOfTrouble } from "./group-answer.ts";
import { inkOf } from "./ink.ts";
import { sayable, statusReport } from "./status/report.ts";

/** By the state of the worst group shown. */
const EXIT = { ok: 0, degraded: 1, failed: 2 } as const;

const statusAnswer = z.object({ started_at: z.string() });

export const run: Run = async (given, terminal) => {
  const { stdout } = terminal;
  const [wanted] = given.operands;
  try {
    const control = controlOf(given, terminal);
    const without = given
      .list("without")
      .map(thing)
      .map((name) => `without=${encodeURIComponent(name)}`);
    const [answer, { events }, { started_at: startedAt }] = await Promise.all([
      get(control, `/api/v1/groups${without.length === 0 ? "" : `?${without.join("&")}`}`, groupsAnswer),
      get(control, "/api/v1/events", eventsAnswer),
      get(control, "/api/v1/status", statusAnswer),
    ]);
    const groups = inOrderOfTrouble(answer.groups.filter(({ name }) => wanted === undefined || name === wanted));
    if (groups.length === 0) throw new Failure(noGroup(wanted, answer.groups));
    if (given.text("o") === "json") {
      stdout.write(`${JSON.stringify({ ...answer, groups }, undefined, 2)}\n`);
    } else {
      const lines = statusReport({ ...answer, groups, events, startedAt }, inkOf(terminal));
      stdout.write(`${lines.join("\n")}\n`);
    }
    return Math.max(...groups.map(({ state }) => EXIT[state]));
  } catch (error) {
    if (!(error instanceof Failure || error instanceof UsageError)) throw error;
    // Whoever runs it as a check reads standard output.
    stdout.write(`The state is not known: ${sayable(error.message)}\n`);
    return NOT_KNOWN;
  }
};

/** A script whose variable is empty has asked for nothing to be gone: the state of now would be the wrong answer. */
function thing(name: string): string {
  if (name.trim() !== "") return name;
  throw new UsageError(`--without names nothing: found ${JSON.stringify(name)}: expected a link, or KIND=NAME`);
}

function noGroup(wanted: string | undefined, groups: readonly { readonly name: string }[]): string {
  if (wanted === undefined) return "there is no group yet: see the daemon's log for what it found";
  const names = groups.map(({ name }) => name);
  const near = nearName(wanted, names);
  if (near !== undefined) return `there is no group ${JSON.stringify(wanted)}: did you mean ${near}?`;
  const known = names.length === 0 ? "none yet" : list(names);
  return `there is no group ${JSON.stringify(wanted)}; there ${names.length === 1 ? "is" : "are"} ${known}`;
}
