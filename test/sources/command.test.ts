/** Commands of the system, run by one runner after another. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { CommandRunner } from "#src/sources/command.js";
import { eventually } from "../support/wait.ts";

/** Commands whose end Node has not yet told of. */
const running = () => process.getActiveResourcesInfo().filter((kind) => kind === "ProcessWrap").length;

test("a runner that is closed ends what is under way, also when an earlier command was given up", async () => {
  const runner = new CommandRunner({ deadlineMs: 20_000, mostOutput: 10 });
  const talker = await runner.run({ file: "/bin/sh", args: ["-c", "echo a long text; sleep 60"] });
  assert.equal(talker.kind === "failed" && talker.outcome, "too_long");
  const sleeper = runner.run({ file: "/bin/sleep", args: ["60"] });
  await eventually(
    () => running() === 1,
    () => "the end of the first command is not told",
  );
  runner.close();
  const ended = await sleeper;
  assert.equal(ended.kind === "failed" && ended.outcome, "killed");
});
