/** What confines the program from outside, seccomp and AppArmor: wide enough for all that it does, and what is refused. */

import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { after, describe, test } from "node:test";
import { type Hooks, NO_NETNS } from "../support/netns.ts";
import { root } from "../support/root.ts";
import { scratch } from "../support/scratch.ts";
import { wholeCalls } from "../support/strace.ts";
import { eventually } from "../support/wait.ts";
import { allows, fileRules } from "./apparmor-rules.ts";
import { list, at, run, text, type Tree, without, word } from "./support.ts";
import { wholeLife } from "./whole-life.ts";

const FILTER = root("deploy", "seccomp", "ipmp-exporter.json");
const RULES = list(at(JSON.parse(readFileSync(FILTER, "utf8")) as Tree, "syscalls"));
const OF_RUNTIMES = /container runtimes/;

const callsOf = (rules: readonly Tree[]): ReadonlySet<string> =>
  new Set(rules.flatMap((rule) => list(at(rule, "names")).map(word)));

/** The calls that it lets the program make. */
const ALLOWED = callsOf(RULES.filter((rule) => !OF_RUNTIMES.test(word(at(rule, "comment")))));
/** Those that it refuses by a rule of their own, because C libraries then make another call for the same. */
const REPLACED = callsOf(RULES.filter((rule) => at(rule, "action") === "SCMP_ACT_ERRNO"));

/** Debian's, for which the binding to libseccomp is built. */
const PYTHON = "/usr/bin/python3";
const UNDER_FILTER = [PYTHON, root("test", "deploy", "under-seccomp.py"), FILTER];
const NO_SECCOMP =
  (!existsSync(PYTHON) || run(PYTHON, ["-c", "import seccomp"]).status !== 0) && "not installed here: python3-seccomp";
const NO_LIFE = NO_NETNS || without("openssl", "curl", "snmpget");

interface Trace {
  readonly text: string;
  /** Where the program had its files. */
  readonly folder: string;
}

/** The trace of a whole life; lived by the first who asks. */
let trace: Promise<Trace> | undefined;
const afterAll: (() => void)[] = [];
after(() => {
  for (const hook of afterAll) hook();
});

function theTrace(): Promise<Trace> {
  trace ??= traced({ after: (hook) => void afterAll.unshift(hook) }, "calls");
  return trace;
}

async function traced(hooks: Hooks, name: string, within: readonly string[] = []): Promise<Trace> {
  const file = join(scratch(hooks), "trace");
  // -D: strace hides behind the program, so that signals reach the program.
  const through = ["strace", "-D", "-f", "-qq", "-s", "4096", "-o", file, "-e", "signal=none"];
  const program = await wholeLife(hooks, name, [...through, ...within]);
  const soFar = (): string => (existsSync(file) ? readFileSync(file, "utf8") : "");
  const end = new RegExp(`^${program.pid} +(?:exit_group\\(|\\+\\+\\+ exited)`, "m");
  await eventually(
    () => end.test(soFar()),
    () => "the trace has no end",
  );
  return { text: soFar(), folder: program.folder };
}

describe("the system calls of a whole life", () => {
  test("are those of the filter", { skip: NO_LIFE || without("strace") }, async () => {
    const calls = new Set([...(await theTrace()).text.matchAll(/^\d+ +([a-z0-9_]+)\(/gm)].map(([, call = ""]) => call));
    assert.ok(calls.size > 50, `too few were recorded: ${[...calls].join(" ")}`);
    assert.deepEqual([...calls].filter((call) => !ALLOWED.has(call)).sort(), []);
  });

  test("are refused to nobody under the filter", {
    skip: NO_LIFE || NO_SECCOMP || without("strace"),
  }, async (context) => {
    const { text: calls } = await traced(context, "filter", UNDER_FILTER);
    assert.match(calls, /SECCOMP_(?:SET_)?MODE_FILTER.*\) = 0$/m, "the filter was not set");
    // Of the system, not of the program's log: what a library is refused, it may do without, and say nothing.
    const refused = [...wholeCalls(calls)].flatMap((line) => {
      const [, call = "", error] = /^\d+ +([a-z0-9_]+)\(.*\) += -1 (EPERM|ENOSYS) /.exec(line) ?? [];
      return error === undefined || (error === "ENOSYS" && REPLACED.has(call)) ? [] : [line];
    });
    assert.deepEqual(refused, []);
  });

  test("are the same in the drop-in for systemd", () => {
    const dropIn = text("deploy", "systemd", "ipmp-exporter.service.d", "system-calls.conf");
    const named = [...dropIn.matchAll(/^SystemCallFilter=(.+)$/gm)].flatMap(([, line = ""]) => line.split(" "));
    assert.deepEqual(new Set(named), ALLOWED);
    assert.equal(named.length, new Set(named).size, "each once");
  });
});

describe("under the filter", { skip: NO_SECCOMP || without("unshare", "mount", "strace") }, () => {
  const under = (...command: readonly string[]): string => {
    const [python = "", ...rest] = [...UNDER_FILTER, ...command];
    return run(python, rest).output;
  };
  const script = (code: string): string => under(process.execPath, "--eval", code);

  test("no other program is started", () => {
    assert.match(script('require("child_process").execFileSync("true")'), /EPERM/);
  });

  test("nor is one by the program, which takes that for an answer", () => {
    const runner = JSON.stringify(root("dist", "sources", "command.js"));
    const code = `import(${runner}).then(async ({ CommandRunner }) => {
      const { outcome } = await new CommandRunner({ deadlineMs: 60_000, mostOutput: 1 }).run({ file: "/bin/true", args: [] });
      console.log(outcome);
    })`;
    assert.equal(script(code), "refused\n");
  });

  test("threads are", () => {
    const code = 'new (require("worker_threads").Worker)("console.log(6 * 7)", { eval: true })';
    assert.equal(script(code), "42\n");
  });

  /** keyctl(2), for which C libraries have no function, by its number on the two processors of the filter. */
  const KEYCTL = process.arch === "arm64" ? 219 : 250;
  const KEY_RING = `import ctypes, os; l = ctypes.CDLL(None, use_errno=True); l.syscall(${KEYCTL}, 0, -3, 0); print(os.strerror(ctypes.get_errno()))`;
  const PACKETS = "import socket; socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM)";
  for (const [what, command] of [
    ["a namespace", ["unshare", "--user", "true"]],
    ["another process's memory", ["strace", "-p", "1"]],
    ["a packet socket", [PYTHON, "-c", PACKETS]],
    ["a key ring", [PYTHON, "-c", KEY_RING]],
  ] as const) {
    test(`${what} is refused`, () => assert.match(under(...command), /not permitted/i));
  }

  test("it is the filter that refuses", { skip: process.getuid?.() !== 0 && "needs root" }, () => {
    assert.equal(run(PYTHON, ["-c", PACKETS]).status, 0);
  });
});

const PROFILE = root("deploy", "apparmor", "ipmp-exporter");

/** A path of the trace as an installation has it. */
function installed(path: string, folder: string): string {
  const name = basename(path);
  if (path === process.execPath) return "/usr/bin/node";
  if (path.startsWith(root())) return path.replace(root(), "/usr/lib/ipmp-exporter");
  if (path === folder) return "/var/lib/ipmp-exporter/";
  if (!path.startsWith(`${folder}/`)) return path;
  if (name.startsWith("state.json")) return `/var/lib/ipmp-exporter/${name}`;
  if (name === "agentx.sock") return "/run/snmpd/agentx.sock";
  return `${/\.sock\b/.test(name) ? "/run" : "/etc"}/ipmp-exporter/${name}`;
}

/** Paths that were used with success, each with what it was used for, as AppArmor names that. */
function uses({ text: calls, folder }: Trace): ReadonlyMap<string, ReadonlySet<string>> {
  const found = new Map<string, Set<string>>();
  const used = (path: string, ...access: readonly string[]) => {
    const at = installed(path, folder).replace(/^\/proc\/self\//, "/proc/1/");
    found.set(at, new Set([...(found.get(at) ?? []), ...access]));
  };
  for (const line of wholeCalls(calls)) {
    const [, call, given = "", result = ""] = /^\d+ +([a-z0-9_]+)\((.*)\) += (-?\d+)/.exec(line) ?? [];
    if (call === undefined || result.startsWith("-")) continue;
    const paths = [...given.matchAll(/"(\/[^"]*)"/g)].map(([, path = ""]) => path);
    const [path] = paths;
    if (path === undefined) continue;
    if (call === "openat") used(path, /O_WRONLY|O_RDWR|O_CREAT/.test(given) ? "w" : "r");
    if (call === "execve") used(path, "r");
    if (call === "bind" || call === "unlink") used(path, "w");
    if (call === "connect") used(path, "r", "w");
    if (call.startsWith("rename")) for (const one of paths) used(one, "r", "w");
  }
  return found;
}

describe("the AppArmor profile", { skip: without("apparmor_parser") }, () => {
  test("is one", () => {
    const { status, output } = run("apparmor_parser", ["--skip-kernel-load", "--skip-cache", "--warn=all", PROFILE]);
    assert.equal(status, 0, output);
    assert.match(text("deploy", "systemd", "ipmp-exporter.service"), /^AppArmorProfile=-ipmp-exporter$/m);
    assert.match(readFileSync(PROFILE, "utf8"), /^profile ipmp-exporter /m);
  });

  test("lets a whole life have its files", { skip: NO_LIFE || without("strace") }, async () => {
    const rules = fileRules(PROFILE);
    const used = uses(await theTrace());
    for (const [path, access] of [
      ["/var/lib/ipmp-exporter/state.json", "w"],
      ["/usr/lib/ipmp-exporter/dist/main.js", "r"],
      ["/proc/sys/kernel/random/boot_id", "r"],
    ] as const) {
      assert.ok(used.get(path)?.has(access), `${path} is not in the trace`);
    }
    const refused = [...used].filter(([path, access]) => ![...access].every((one) => allows(rules, path, one)));
    assert.deepEqual(
      refused.map(([path, access]) => `${path} ${[...access].join("")}`),
      [],
    );
  });

  test("lets it have nothing else", () => {
    const rules = fileRules(PROFILE);
    for (const [path, access] of [
      ["/etc/shadow", "r"],
      ["/etc/passwd", "w"],
      ["/srv/notes", "r"],
      ["/etc/ipmp-exporter/config.yml", "w"],
      ["/usr/lib/ipmp-exporter/dist/main.js", "w"],
      ["/usr/bin/sh", "x"],
      ["/sys/class/net/eth0/mtu", "w"],
      ["/proc/sys/net/ipv4/ip_forward", "w"],
    ] as const) {
      assert.equal(allows(rules, path, access), false, `${path} ${access}`);
    }
    assert.doesNotMatch(readFileSync(PROFILE, "utf8"), /^\s*capability/m);
  });
});
