/** `top` in a terminal that a person could look at: tmux, real links, a daemon that is killed. */

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { dirname, join } from "node:path";
import { describe, test } from "node:test";
import { served } from "../cli/served.ts";
import { Netns, NO_NETNS } from "../support/netns.ts";
import { Program } from "../support/program.ts";
import { root } from "../support/root.ts";
import { scratch } from "../support/scratch.ts";
import { aSnapshot, type GroupInput } from "../support/snapshot.ts";
import { NO_TMUX, Tmux } from "../support/tmux.ts";
import { eventually } from "../support/wait.ts";

const skip = NO_NETNS || NO_TMUX;

const topAt = (folder: string): string =>
  `${process.execPath} ${root("dist", "main.js")} top --control.socket=${join(folder, "control.sock")}`;
const top = (program: Program): string => topAt(program.folder);

describe("top of two hundred groups", { skip: NO_TMUX }, () => {
  const members = (n: number): GroupInput["members"] & object => [
    { device: `up${n}a` },
    { device: `up${n}b`, ...(n === 150 ? { state: "failed", active: false, reason: "link down", linkUp: false } : {}) },
  ];
  const groups = Array.from({ length: 200 }, (_, n) => ({ name: `rack${100 + n}`, members: members(n) }));
  const { socket } = served(aSnapshot({ groups }));

  test("has the worst first and every other in reach, in windows of any size", async (t) => {
    const tmux = await Tmux.start(t);
    tmux.keys(topAt(dirname(socket)), "Enter");
    await tmux.shows(/^. rack250 degraded .*\n {2}rack100 ok .*\n {2}rack101 ok /m);
    tmux.keys("End");
    await tmux.shows(/^▸ rack299 ok /m);
    tmux.keys("PPage");
    await tmux.shows(/^▸ rack289 ok /m);
    tmux.keys("/", "rack27", "Enter");
    await tmux.shows(/^. rack270 ok (.*\n)+ {2}rack279 ok /m);
    tmux.keys("/", "BSpace", "BSpace", "BSpace", "BSpace", "BSpace", "BSpace", "Enter");
    // A line as wide as the window is there to its last letter, and the smallest window has a group in it.
    tmux.run("resize-window", "-x", "55", "-y", "24");
    await tmux.shows(/^\/ filter {2}s sort: trouble {2}Enter detail {2}\? help {2}q quit$/m);
    tmux.run("resize-window", "-x", "73", "-y", "7");
    await tmux.shows(/^. rack\d+ (ok|degraded) /m);
    tmux.run("resize-window", "-x", "24", "-y", "7");
    await tmux.shows(/^. rack\d+ (ok|degraded)(.*\n)*q quit/m);
    tmux.keys("?");
    await tmux.shows(/^\/ {8}show only what$/m);
    tmux.keys("q", "q");
    await tmux.prompts();
  });
});

describe("top in a terminal", { skip }, () => {
  test("follows a failure, filters, shows a group alone, takes another size, outlives the daemon, and leaves the terminal as it was", async (t) => {
    const ns = Netns.create(t, "top");
    ns.addVeth("ta", "pa");
    ns.addVeth("tb", "pb");
    const config = "groups:\n  - { name: wan, interfaces: [ta, tb] }\n  - { name: lan, interfaces: [tc] }\n";
    const program = await Program.start(t, { ns, config });
    const tmux = await Tmux.start(t);
    tmux.keys("echo before", "Enter");
    await tmux.shows(/^before$/m);
    tmux.keys(top(program), "Enter");
    await tmux.shows(/^lan has failed since before .*The other group is ok\./s);
    ns.ip("link", "set", "pa", "down");
    await tmux.shows(/^lan has failed, wan is degraded\./);
    await tmux.shows(/ta of wan is failed, was active: link down/);
    tmux.keys("/", "wan", "Enter");
    await tmux.shows(/ filter "wan"/);
    assert.doesNotMatch(tmux.screen(), /^. lan /m);
    tmux.keys("Enter");
    await tmux.shows(/^ {2}ta +failed .* link down$/m);
    tmux.run("resize-window", "-x", "120", "-y", "40");
    await eventually(
      () => tmux.screen().split("\n").length > 30 && /Esc back/.test(tmux.screen().trimEnd().split("\n").at(-1) ?? ""),
      () => tmux.screen(),
    );
    program.signal("SIGKILL");
    await tmux.shows(/^No answer since \d\d:\d\d: /);
    tmux.keys("q", "q");
    await tmux.shows(/^before$/m); // what stood there before
    await tmux.prompts();
    assert.doesNotMatch(tmux.screen(), /No answer|ACTIVE/);
    tmux.keys("stty -a | tr -s ' ;' '\\n' | grep -x -e echo -e icanon -e isig | sort | xargs", "Enter");
    await tmux.shows(/^echo icanon isig$/m);
  });

  test("says nothing but its screen, however often it has asked", async (t) => {
    const folder = scratch(t);
    let asked = 0;
    const daemon = createServer((_request, response) => {
      asked++;
      response.writeHead(503).end("not now");
    }).listen(join(folder, "control.sock"));
    t.after(() => daemon.close());
    const tmux = await Tmux.start(t);
    tmux.keys(`${topAt(folder)} 2> ${join(folder, "said")}`, "Enter");
    await eventually(
      () => asked >= 2 * 15, // what Node warns of is more than ten
      () => `asked ${asked} times`,
    );
    tmux.keys("q");
    await tmux.prompts();
    tmux.keys("echo ended $?", "Enter");
    await tmux.shows(/^ended 0$/m);
    assert.equal(readFileSync(join(folder, "said"), "utf8"), "");
  });

  test("stops and goes on with the shell's job control, and gives the terminal back when it is ended", async (t) => {
    const ns = Netns.create(t, "topstop");
    ns.addVeth("ta", "pa");
    const program = await Program.start(t, { ns, config: "groups: [{ name: wan, interfaces: [ta] }]" });
    const tmux = await Tmux.start(t, { NO_COLOR: "1" });
    tmux.keys(`set -m; ${top(program)}`, "Enter");
    await tmux.shows(/^wan is ok/);
    assert.ok(!tmux.screen("-e").includes("\u001b[3"), "no colour where none is wanted");
    tmux.keys("C-z");
    await tmux.shows(/Stopped/);
    await tmux.prompts();
    tmux.keys("fg", "Enter");
    await tmux.shows(/^wan is ok/);
    const [pid = ""] = spawnSync("pgrep", ["-f", `top --control.socket=${program.folder}`], {
      encoding: "utf8",
    }).stdout.split("\n");
    process.kill(Number(pid), "SIGTERM");
    await tmux.shows(/Stopped.*fg/s);
    await tmux.prompts();
    tmux.keys("echo ended $?", "Enter");
    await tmux.shows(/^ended 0$/m);
  });

  test("gives the terminal back at every signal that can be caught, and when it is stopped", async (t) => {
    const ns = Netns.create(t, "topsig");
    ns.addVeth("ta", "pa");
    const program = await Program.start(t, { ns, config: "groups: [{ name: wan, interfaces: [ta] }]" });
    const tmux = await Tmux.start(t, { NO_COLOR: "1" });
    const send = (signal: NodeJS.Signals): void => {
      const { stdout } = spawnSync("pgrep", ["-f", `top --control.socket=${program.folder}`], { encoding: "utf8" });
      process.kill(Number.parseInt(stdout, 10), signal);
    };
    for (const signal of ["SIGQUIT", "SIGABRT", "SIGALRM", "SIGUSR1", "SIGUSR2", "SIGXCPU"] as const) {
      tmux.keys(`clear; ${top(program)}; echo after ${signal}: $?`, "Enter");
      await tmux.shows(/^wan is ok/);
      send(signal);
      await tmux.shows(new RegExp(`^after ${signal}: 0$`, "m"));
    }
    tmux.keys(`clear; set -m; ${top(program)}`, "Enter");
    await tmux.shows(/^wan is ok/);
    send("SIGTSTP");
    await tmux.shows(/Stopped/);
    await tmux.prompts();
    tmux.keys("fg", "Enter");
    await tmux.shows(/^wan is ok/);
  });
});
