import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, test } from "node:test";
import { StateHeldError, StateLock } from "#src/state/state-lock.js";
import type { Hooks } from "../support/netns.ts";
import { root } from "../support/root.ts";
import { scratch } from "../support/scratch.ts";

/** Takes the lock of that file, and answers with what was told meanwhile. */
async function take(hooks: Hooks, file: string): Promise<{ readonly lock: StateLock; readonly told: string[] }> {
  const told: string[] = [];
  const lock = await StateLock.take(file, {
    held: (holder) => void told.push(`held by ${holder}`),
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
    await assert.rejects(take(t, file), (error) => {
      assert.ok(error instanceof StateHeldError);
      assert.ok(error.message.includes(file), error.message);
      assert.match(error.message, new RegExp(`process ${pid} .*state\\.file of its own$`));
      return true;
    });
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
    setTimeout(() => lock.release(), 500);
    assert.deepEqual((await take(t, file)).told, [`held by ${process.pid}`]);
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
    const long = join(folder, "x".repeat(100));
    mkdirSync(long);
    assert.match((await take(t, join(long, "state.json"))).told.join(), /too long/);
  });
});
