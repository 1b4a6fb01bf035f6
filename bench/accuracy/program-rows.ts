/** Disturbances of the program, of what it has saved, and of the machine's clock and disk. */

import { execFileSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { decodeRecord } from "#src/state/record.js";
import { AS_NOBODY } from "../../test/support/netns.ts";
import { root } from "../../test/support/root.ts";
import { eventually } from "../../test/support/wait.ts";
import { SAVE_STEPS } from "./die-in-save.ts";
import { onLinks, type Row } from "./row.ts";
import { configuration, LINKS, type Stage } from "./stage.ts";

const BEGINS_AGAIN =
  "Without its state the program begins again, with a new start time, and increase() takes up the new counter at 0. Missing is what " +
  "was carried between the last scrape of the old run and the start of the new one.";
const GOES_ON =
  "The slots of the readings file have a copy of the record with the readings that were last published: nothing is lost. Without them the " +
  "program would go on from the record before, and lose what happened since.";
const BOTH_GONE =
  "Neither the last record nor later readings are to be had: the program goes on from the record before. What may be missing is what " +
  "happened since that one was replaced: nothing, while members stay.";

/** The program is killed, somebody does something to the files of its state, and it is started again. */
async function spoil(stage: Stage, spoiling: (file: string) => void): Promise<void> {
  const file = join(stage.program.folder, "state.json");
  await stage.carry();
  await stage.restart("SIGKILL", async () => spoiling(file));
  await stage.watch.fresh();
}

/** The same, and the program finds something to go on with. */
async function spoilAndRecover(stage: Stage, spoiling: (file: string) => void): Promise<void> {
  await spoil(stage, spoiling);
  await stage.program.logged("state file cannot be used", "counters go on");
}

/** Every length that a torn file can have, and every bit of it turned, by the function that reads it. */
function refusesEveryDamage(stage: Stage, file: string): void {
  const bytes = readFileSync(file);
  const isRefused = (damaged: Uint8Array): boolean => decodeRecord(damaged).kind === "fault";
  let taken = isRefused(bytes) ? 1 : 0;
  for (let length = 0; length < bytes.length; length++) if (!isRefused(bytes.subarray(0, length))) taken++;
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    const damaged = Buffer.from(bytes);
    damaged[bit >> 3] = (damaged[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    if (!isRefused(damaged)) taken++;
  }
  if (taken > 0) stage.faults.push(`${taken} damaged state files were taken for good ones`);
  stage.remark(
    `All ${bytes.length} truncations and ${bytes.length * 8} bit flips of the file are refused when it is read.`,
  );
}

function truncate(file: string): void {
  const bytes = readFileSync(file);
  writeFileSync(file, bytes.subarray(0, somewhere(bytes.length)));
}

function flip(file: string): void {
  const bytes = readFileSync(file);
  const at = somewhere(bytes.length);
  bytes[at] = (bytes[at] ?? 0) ^ (1 << somewhere(8));
  writeFileSync(file, bytes);
}

const somewhere = (length: number): number => Math.floor(Math.random() * length);

/** libfaketime's library, or undefined when it is not installed. */
function fakeTime(): string | undefined {
  const candidates = readdirSync("/usr/lib").map((folder) => join("/usr/lib", folder, "faketime/libfaketime.so.1"));
  return candidates.find((library) => existsSync(library));
}

const DAYS = ["-1d", "+1d", "-400d", "+0d"];

export const PROGRAM_ROWS: readonly Row[] = [
  {
    name: "restart",
    title: "restart (SIGTERM), traffic going on meanwhile",
    quick: true,
    run: onLinks({}, async (stage) => {
      await stage.restart("SIGTERM", () => stage.carry());
      await stage.joined(LINKS);
    }),
  },
  {
    name: "restart-vanished",
    title: "restart, and a macvlan is deleted while the program is not there",
    explanation:
      "Nobody saw the link's last counters. It counts as of the last reading that was saved: what is missing is at most what it " +
      "carried between that and its end.",
    run: onLinks({ kind: "macvlan" }, async (stage) => {
      await stage.restart("SIGTERM", async () => {
        await stage.carry();
        stage.here.ip("link", "delete", "vb");
        stage.mayMiss(await stage.lastUnseen("vb"));
      });
      await stage.hold("vb");
      await stage.joined(["va", "vc"]);
    }),
  },
  {
    name: "restart-renamed",
    title: "restart, and a member is renamed while the program is not there; the group's rule knows both names",
    run: onLinks(
      { config: configuration({ ipmp0: ["va", "vc", '{ match: "^vb" }'] }), members: /^v/ },
      async (stage) => {
        await stage.restart("SIGTERM", async () => {
          stage.here.ip("link", "set", "vb", "name", "vb-renamed");
          await wait(100);
        });
        await stage.joined(["va", "vb-renamed", "vc"]);
        stage.here.ip("link", "set", "vb-renamed", "name", "vb");
        await stage.joined(LINKS);
      },
    ),
  },
  {
    name: "kill",
    title: "kill -9 at random moments, while a member flaps",
    quick: true,
    run: onLinks({}, async (stage, { kills }) => {
      let running = true;
      const flapping = (async () => {
        while (running) {
          stage.here.batch(["link set vb down", "link set vb up"]);
          stage.wire("vb");
          await wait(50);
        }
      })();
      for (let kill = 0; kill < kills; kill++) {
        await wait(somewhere(300));
        await stage.restart("SIGKILL");
      }
      running = false;
      await flapping;
      stage.remark(`${kills} times.`);
    }),
  },
  {
    name: "kill-churn",
    title: "kill -9 at random moments, while macvlans are deleted and re-created under the same name",
    explanation:
      "A link that ends while the program is not there, or just before it is killed, counts as of the last reading that was saved.",
    run: onLinks({ kind: "macvlan" }, async (stage, options) => {
      const kills = Math.min(options.kills, MOST_CHURNS);
      for (let kill = 0; kill < kills; kill++) {
        await wait(somewhere(100));
        stage.here.ip("link", "delete", "vb");
        stage.mayMiss(await stage.lastUnseen("vb"));
        stage.addLink("vb");
        await wait(somewhere(100));
        await stage.restart("SIGKILL");
        await stage.joined(LINKS);
        await stage.flow("vb");
        await stage.carry();
      }
      stage.remark(`${kills} times.`);
    }),
  },
  {
    name: "kill-in-save",
    title: "kill -9 during the save, at each of its steps",
    run: onLinks({}, async (stage) => {
      const preload = root(".test-build", "bench", "accuracy", "die-in-save.js");
      await stage.restart("SIGKILL");
      for (const step of SAVE_STEPS) {
        stage.program.signal("SIGKILL");
        await stage.program.exited();
        // A save that happens because of a change is also synced.
        const death = `IPMP_DIE_IN_SAVE=${step}:${2 + somewhere(4)}`;
        const program = stage.launch(["env", `NODE_OPTIONS=--import=${preload}`, death]);
        let over = false;
        void program.exited().then(() => {
          over = true;
        });
        await eventually(
          () => {
            if (over) return true;
            stage.here.batch(["link set vb down", "link set vb up"]);
            stage.wire("vb");
            return false;
          },
          () => `the program never came to the step "${step}" of a save`,
        );
        stage.launch();
        await stage.ready();
        await stage.carry();
      }
      stage.remark(`Killed at ${SAVE_STEPS.length} steps: ${SAVE_STEPS.join(", ")}.`);
    }),
  },
  {
    name: "state-truncated",
    title: "state file truncated",
    quick: true,
    explanation: GOES_ON,
    run: onLinks({}, async (stage) => {
      refusesEveryDamage(stage, join(stage.program.folder, "state.json"));
      await spoilAndRecover(stage, truncate);
    }),
  },
  {
    name: "state-flipped",
    title: "one bit of the state file flipped",
    explanation: GOES_ON,
    run: onLinks({}, (stage) => spoilAndRecover(stage, flip)),
  },
  {
    name: "state-and-readings",
    title: "state file truncated and the file of readings gone",
    explanation: BOTH_GONE,
    run: onLinks({}, async (stage) => {
      const file = join(stage.program.folder, "state.json");
      stage.here.batch(["link set vb down", "link set vb up"]);
      stage.wire("vb");
      await eventually(
        () => existsSync(`${file}.previous`),
        () => "what happened is not saved",
      );
      await spoilAndRecover(stage, () => {
        truncate(file);
        rmSync(`${file}.readings`);
      });
    }),
  },
  {
    name: "state-owner",
    title: "state file of another owner, unreadable to the program, which runs as nobody",
    explanation: GOES_ON,
    run: onLinks({ program: { through: AS_NOBODY } }, (stage) =>
      spoilAndRecover(stage, (file) => {
        chownSync(file, 0, 0);
        chmodSync(file, 0o600);
      }),
    ),
  },
  {
    name: "state-gone",
    title: "all files of the state gone",
    explanation: BEGINS_AGAIN,
    run: onLinks({}, async (stage) => {
      await spoil(stage, (file) => {
        for (const path of [file, `${file}.previous`, `${file}.readings`]) rmSync(path, { force: true });
      });
      stage.beganAgain();
      await stage.carry();
    }),
  },
  {
    name: "disk-full",
    title: "disk full while a macvlan is deleted and re-created; room again; kill -9",
    run: async (hooks, options) => {
      const folder = mkdtempSync(join(tmpdir(), "ipmp-exporter-disk-"));
      hooks.after(() => rmSync(folder, { recursive: true, force: true }));
      execFileSync("mount", ["-t", "tmpfs", "-o", "size=64k,mode=777", "tmpfs", folder]);
      hooks.after(() => execFileSync("umount", ["--lazy", folder]));
      const stageOptions = {
        kind: "macvlan",
        program: { args: [`--state.file=${join(folder, "state.json")}`] },
      } as const;
      return onLinks(stageOptions, async (stage) => {
        fill(join(folder, "filler"));
        stage.here.ip("link", "delete", "vb");
        stage.addLink("vb");
        await stage.joined(LINKS);
        await stage.flow("vb");
        await stage.carry();
        await stage.program.logged("state cannot be saved");
        await stage.program.until("ipmp_state_save_success", "0");
        rmSync(join(folder, "filler"));
        await stage.program.logged("state is saved again");
        await stage.restart("SIGKILL", () => stage.carry());
        await stage.joined(LINKS);
      })(hooks, options);
    },
  },
  {
    name: "clock",
    title: `wall clock set back a day, ahead, back by more than a year (${DAYS.join(", ")}); checkpoints go on; kill -9 in between`,
    explanation:
      "The clock is libfaketime's, preloaded into the program; the monotonic clock runs on, as it does when the system's clock is set.",
    run: async (hooks, options) => {
      const library = fakeTime();
      if (library === undefined) throw new Error("Cannot set the program's clock: libfaketime is not installed");
      const folder = mkdtempSync(join(tmpdir(), "ipmp-exporter-clock-"));
      hooks.after(() => rmSync(folder, { recursive: true, force: true }));
      const offset = join(folder, "offset");
      writeFileSync(offset, "+0d\n");
      const variables = [`FAKETIME_TIMESTAMP_FILE=${offset}`, "FAKETIME_NO_CACHE=1", "FAKETIME_DONT_FAKE_MONOTONIC=1"];
      const through = ["env", `LD_PRELOAD=${library}`, ...variables];
      const config = `${configuration({ ipmp0: LINKS })}state: { checkpoint: "* * * * * *" }\n`;
      return onLinks({ config, program: { through } }, async (stage) => {
        for (const day of DAYS) {
          writeFileSync(offset, `${day}\n`);
          await eventually(
            async () =>
              Math.abs((await wallClock(stage)) - Date.now() - Number.parseInt(day, 10) * DAY_MS) < DAY_MS / 2,
            () => `the program's clock is not at ${day}`,
          );
          await stage.carry();
          await checkpoints(stage);
          await stage.restart("SIGKILL", () => stage.carry());
          await stage.joined(LINKS);
        }
      })(hooks, options);
    },
  },
];

const DAY_MS = 86_400_000;
/** Each takes more than a second, and adds a subnet to the far end's 200. */
const MOST_CHURNS = 50;
/** One more than a scrape that was under way can cause. */
const SAVES = 2;

/** The program's own idea of the time, in milliseconds: that of its last save. */
async function wallClock(stage: Stage): Promise<number> {
  const samples = await stage.program.metrics();
  return Number(samples.get("ipmp_state_last_save_timestamp_seconds")) * 1000;
}

/** Waits until the program has saved its readings on its own, without being scraped. */
async function checkpoints(stage: Stage): Promise<void> {
  const file = join(stage.program.folder, "state.json.readings");
  stage.watch.paused = true;
  for (let saves = 0; saves < SAVES; saves++) {
    const before = statSync(file).mtimeMs;
    await eventually(
      () => statSync(file).mtimeMs !== before,
      () => "the state is not saved any more",
    );
  }
  stage.watch.paused = false;
}

/** A file as large as there is room. */
function fill(path: string): void {
  for (let written = true; written; ) {
    try {
      writeFileSync(path, Buffer.alloc(4096), { flag: "a" });
    } catch (error) {
      if (!existsSync(path)) throw error;
      written = false;
    }
  }
}
