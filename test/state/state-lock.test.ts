import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { dirname, join } from "node:path";
import { describe, test } from "node:test";
import { StateHeldError, StateLock } from "#src/state/state-lock.js";
import type { Hooks } from "../support/netns.ts";
import { root } from "../support/root.ts";
import { scratch } from "../support/scratch.ts";
import { eventually } from "../support/wait.ts";

/** Takes the lock of that file, and answers with what was told meanwhile. */
async function take(
  hooks: Hooks,
  file: string,
  held = (): void => {},
): Promise<{ readonly lock: StateLock; readonly told: string[] }> {
  const told: string[] = [];
  const lock = await StateLock.take(file, {
    held: (holder) => {
      told.push(`held by ${holder}`);
      held();
    },
    unavailable: (error) => void told.push(String(error)),
  });
  hooks.after(() => lock.release());
  return { lock, told };
}

/** Another process that takes the lock and says so, or ends with 1. */
function spawnHolder(hooks: Hooks, file: string): ChildProcess {
  const code = `const { StateLock } = await import(${JSON.stringify(root("dist", "state", "state-lock.js"))});
    await StateLock.take(${JSON.stringify(file)}, { held() {}, unavailable() {} });
    process.stdout.write("taken");
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ["--input-type=module", "--eval", code], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  hooks.after(() => child.kill("SIGKILL"));
  return child;
}

/** Another process that has the lock. */
async function holder(hooks: Hooks, file: string): Promise<ChildProcess> {
  const child = spawnHolder(hooks, file);
  await once(child.stdout ?? child, "data");
  return child;
}

describe("the lock of a state", () => {
  test("is refused while another process has it, which is named, with the file and what to do", async (t) => {
    const file = join(scratch(t), "state.json");
    const { pid } = await holder(t, file);
    let message = "";
    const isNamed = async (): Promise<boolean> => {
      await assert.rejects(take(t, file), (error) => {
        assert.ok(error instanceof StateHeldError);
        message = error.message;
        return true;
      });
      return !message.includes("another process"); // where it is slow to answer
    };
    await eventually(isNamed, () => message);
    assert.ok(message.includes(file), message);
    assert.match(message, new RegExp(`process ${pid} .*state\\.file of its own$`));
  });

  test("is held by a process that has been stopped, which does not answer", async (t) => {
    const file = join(scratch(t), "state.json");
    (await holder(t, file)).kill("SIGSTOP");
    await assert.rejects(take(t, file), /another process keeps its state there/);
  });

  test("is free when its holder was killed, though its socket is still there", async (t) => {
    const file = join(scratch(t), "state.json");
    const child = await holder(t, file);
    child.kill("SIGKILL");
    await once(child, "exit");
    assert.ok(existsSync(`${file}.lock`));
    await take(t, file);
    assert.deepEqual(readdirSync(dirname(file)), ["state.json.lock"]);
  });

  test("is waited for while its holder is ending, and that is told once", async (t) => {
    const file = join(scratch(t), "state.json");
    const { lock } = await take(t, file);
    const { told } = await take(t, file, () => lock.release());
    assert.match(told.join(), new RegExp(`^held by (${process.pid}|undefined)$`)); // no number where this process stalls
  });

  test("is taken when it is free at last, though the answer of its holder came after the time to wait", async (t) => {
    const file = join(scratch(t), "state.json");
    let late = 0;
    const now = performance.now.bind(performance);
    t.mock.method(performance, "now", () => now() + late);
    let connections = 0;
    const holder = createServer((asking) => {
      connections += 1;
      if (connections === 1) return; // whether anybody is there
      late = 60_000;
      holder.close();
      asking.end("1\n");
    });
    holder.listen(`${file}.lock`);
    await once(holder, "listening");
    assert.deepEqual((await take(t, file)).told, ["held by 1"]);
  });

  test("stays with its next holder when its former one, whose folder was moved away, gives it back", async (t) => {
    const folder = join(scratch(t), "state");
    const file = join(folder, "state.json");
    const { lock: former } = await take(t, file);
    renameSync(folder, `${folder}.old`);
    await take(t, file);
    former.release();
    assert.deepEqual(readdirSync(folder), ["state.json.lock"]);
    await assert.rejects(take(t, file), StateHeldError);
    former.release();
    assert.deepEqual(readdirSync(folder), ["state.json.lock"]);
  });

  test("leaves nothing behind when it is given back", async (t) => {
    const folder = scratch(t);
    const { lock } = await take(t, join(folder, "state.json"));
    assert.deepEqual(readdirSync(folder), ["state.json.lock"]);
    lock.release();
    assert.deepEqual(readdirSync(folder), []);
  });

  test("has one holder when several take it in the same moment, with a socket that was left behind", async (t) => {
    const file = join(scratch(t), "state.json");
    const former = await holder(t, file);
    former.kill("SIGKILL");
    await once(former, "exit");
    const several = Array.from({ length: 4 }, () => spawnHolder(t, file));
    const ends = await Promise.all(
      several.map((child) => Promise.race([once(child.stdout ?? child, "data"), once(child, "exit")]).then(String)),
    );
    assert.deepEqual(ends.sort(), ["1,", "1,", "1,", "taken"]);
  });

  test("is one for each file", async (t) => {
    const folder = scratch(t);
    const taken = [await take(t, join(folder, "one.json")), await take(t, join(folder, "two.json"))];
    assert.deepEqual(
      taken.flatMap(({ told }) => told),
      [],
    );
  });

  test("makes the folder", async (t) => {
    const folder = join(scratch(t), "a", "b");
    await take(t, join(folder, "state.json"));
    assert.equal(statSync(folder).mode & 0o777, 0o750);
  });

  test("does not hinder where nothing can be written", async (t) => {
    const noFolder = join(scratch(t), "file");
    writeFileSync(noFolder, "");
    assert.deepEqual((await take(t, join(noFolder, "state.json"))).told, []);
    assert.deepEqual((await take(t, "/proc/state.json")).told, []);
  });

  test("says where there can be none, and leaves alone what is no socket", async (t) => {
    const folder = scratch(t);
    const file = join(folder, "state.json");
    writeFileSync(`${file}.lock`, "mine");
    assert.match((await take(t, file)).told.join(), /is no socket/);
    assert.equal(readFileSync(`${file}.lock`, "utf8"), "mine");
    symlinkSync("loop", join(folder, "loop"));
    assert.match((await take(t, join(folder, "loop", "state", "state.json"))).told.join(), /ELOOP/);
    const long = join(folder, "x".repeat(100));
    mkdirSync(long);
    assert.match((await take(t, join(long, "state.json"))).told.join(), /too long/);
  });
});
