/** Every story of this folder, played. UPDATE_GOLDEN=1 writes what happened into the files: read the diff, and say why it changed. */

import assert from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { describe, test } from "node:test";
import { root } from "../support/root.ts";
import { DaemonStage } from "./daemon/stage.ts";
import { DAEMON_VERBS } from "./daemon/verbs.ts";
import { EngineStage } from "./engine/stage.ts";
import { ENGINE_VERBS } from "./engine/verbs.ts";
import { formatStory, parseStory, perform, type Step, type Story } from "./story.ts";

/** What a story is played on: the first word of its file's name. */
const STAGES: Readonly<Record<string, () => (step: Step) => string[]>> = {
  engine: () => {
    const stage = new EngineStage();
    return (step) => [...perform(stage, ENGINE_VERBS, step), ...stage.endStep()];
  },
  daemon: () => {
    const stage = new DaemonStage();
    return (step) => [...perform(stage, DAEMON_VERBS, step), ...stage.endStep()];
  },
};

const folder = root("test", "scenarios");
const files = readdirSync(folder).filter((name) => name.endsWith(".txt"));
const { UPDATE_GOLDEN } = process.env;

function play(name: string, text: string): Story {
  const { preface, steps } = parseStory(text);
  const stage = STAGES[name.split("-")[0] ?? ""];
  assert.ok(stage, `${name} begins with one of ${Object.keys(STAGES).join(", ")}`);
  const step = stage();
  return { preface, steps: steps.map((each) => ({ ...each, expected: step(each) })) };
}

describe("the story", () => {
  for (const name of files) {
    test(name.replace(/\.txt$/, "").replaceAll("-", " "), () => {
      const text = readFileSync(root("test", "scenarios", name), "utf8");
      const played = formatStory(play(name, text));
      if (UPDATE_GOLDEN === "1") writeFileSync(root("test", "scenarios", name), played);
      else assert.equal(played, text);
    });
  }
});

describe("the stories", () => {
  test("are all listed in README.md, and no others", () => {
    const readme = readFileSync(root("test", "scenarios", "README.md"), "utf8");
    const listed = Array.from(readme.matchAll(/\(([\w-]+\.txt)\)/g), ([, name = ""]) => name);
    assert.deepEqual(listed.toSorted(), files.toSorted());
  });

  test("use every command there is", () => {
    const used = new Map(Object.keys(STAGES).map((stage) => [stage, new Set<string | undefined>()]));
    for (const name of files) {
      const { steps } = parseStory(readFileSync(root("test", "scenarios", name), "utf8"));
      for (const command of steps.flatMap(({ commands }) => commands)) {
        used.get(name.split("-")[0] ?? "")?.add(command.split(/\s+/)[0]);
      }
    }
    for (const [stage, verbs] of Object.entries({ engine: ENGINE_VERBS, daemon: DAEMON_VERBS })) {
      assert.deepEqual(
        Object.keys(verbs).filter((verb) => used.get(stage)?.has(verb) !== true),
        [],
        `commands of ${stage} stories that no story shows`,
      );
    }
  });

  test("notice a difference", () => {
    const story = "# Two links.\n\ngroup ipmp0\nshow ipmp0\n----\nipmp0 v4: net0[]\n";
    assert.notEqual(formatStory(play("engine-x.txt", story)), story);
    assert.throws(() => play("engine-x.txt", "# A word that is no command.\n\nfrobnicate\n"), /no such command/);
    assert.throws(() => play("engine-x.txt", "group ipmp0\n"), /begins with a preface/);
  });
});
