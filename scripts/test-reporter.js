/**
 * A reporter of node:test for one test file: a line of JSON per test that begins or ends. scripts/test.js adds the files up.
 *
 * A group (describe, or a test with subtests) counts only when it fails by itself, or is skipped as a whole: else its subtests are
 * counted.
 */

import { inspect } from "node:util";

/**
 * @typedef {object} Result
 * @property {"running" | "passed" | "failed" | "skipped" | "note"} outcome running: it began; its end comes later, or never;
 *   note: no end of a test, but what one said with `context.diagnostic`
 * @property {string} name the test's name under its groups' names: "a group › keeps its bytes"; while running, its own only
 * @property {string} detail why it failed or was skipped, or what the note says; empty when it passed
 */

/** @param {unknown} error the error of node:test, which wraps what the test threw */
function explain(error) {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  const text = typeof cause === "string" ? cause : inspect(cause, { depth: 4, colors: false });
  // Where Node's own runner called the test says nothing about the failure.
  return text.replaceAll(/\n +at .*\bnode:internal\/[^\s{]*/g, "");
}

/** @param {Result} result */
const line = (result) => `${JSON.stringify(result)}\n`;

/**
 * @param {AsyncIterable<{ type: string, data: any }>} events of node:test, whose fields differ a little between Node versions
 */
export default async function* report(events) {
  /** Names of the groups that are open, by nesting. @type {string[]} */
  const groups = [];
  for await (const { type, data } of events) {
    if (type === "test:dequeue") yield line({ outcome: "running", name: data.name, detail: "" });
    // Those at the top are Node's own sums.
    if (type === "test:diagnostic" && data.nesting > 0) yield line({ outcome: "note", name: "", detail: data.message });
    if (type === "test:start") groups[data.nesting] = data.name;
    if (type !== "test:pass" && type !== "test:fail") continue;
    const isGroup = data.details?.type === "suite";
    const skipped = (data.skip ?? data.todo) !== undefined && data.skip !== false && data.todo !== false;
    const failure = type === "test:fail" && !skipped ? data.details?.error : undefined;
    if (failure === undefined && isGroup && !skipped) continue;
    if (failure?.failureType === "subtestsFailed") continue;
    const reason =
      typeof data.skip === "string" && data.skip !== "" ? data.skip : data.todo ? "to do" : "no reason given";
    yield line({
      outcome: failure !== undefined ? "failed" : skipped ? "skipped" : "passed",
      name: [...groups.slice(0, data.nesting), data.name].join(" › "),
      detail: failure !== undefined ? explain(failure) : skipped ? reason : "",
    });
  }
}
