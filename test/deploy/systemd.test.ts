/** The systemd files: valid, exposed as little as docs/SECURITY.md says, and wide enough for what the program really does. */

import assert from "node:assert/strict";
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import { describe, test } from "node:test";
import { Program } from "../support/program.ts";
import { root } from "../support/root.ts";
import { scratch } from "../support/scratch.ts";
import { eventually } from "../support/wait.ts";
import { DEFAULTS, run, succeed, text, without } from "./support.ts";

const UNIT = root("deploy", "systemd", "ipmp-exporter.service");
const unit = text("deploy", "systemd", "ipmp-exporter.service");
const socket = text("deploy", "systemd", "ipmp-exporter.socket");

/** The exposure that issue and documentation promise; the scale is 0 to 10. */
const MOST_EXPOSURE = 1.5;

/** All values of a setting, in order. */
function setting(file: string, name: string): string[] {
  return [...file.matchAll(new RegExp(`^${name}=(.*)$`, "gm"))].map(([, value = ""]) => value);
}

describe("ipmp-exporter.service", () => {
  test("exposes little, as its documentation says", { skip: without("systemd-analyze") }, (context) => {
    const exposure = (file: string): number => {
      const { output } = run("systemd-analyze", ["security", "--offline=true", "--no-pager", file]);
      return Number(/Overall exposure level for ipmp-exporter\.service: ([\d.]+)/.exec(output)?.[1]);
    };
    const alone = join(scratch(context), "ipmp-exporter.service");
    copyFileSync(UNIT, alone);
    const documented = Number(/rates the unit \*\*([\d.]+) OK\*\*/.exec(text("docs", "SECURITY.md"))?.[1]);
    assert.equal(exposure(alone), documented, "docs/SECURITY.md");
    // Where it lies it has the drop-ins beside it: socket activation and AgentX.
    for (const file of [alone, UNIT]) assert.ok(exposure(file) <= MOST_EXPOSURE, file);
  });

  test("is valid, alone, with the socket and with AgentX", { skip: without("systemd-analyze") }, (context) => {
    const folder = scratch(context);
    // systemd-analyze wants the program to be there.
    const here = (file: string): string => file.replaceAll("/usr/bin/ipmp-exporter", root("dist", "main.js"));
    const unitFile = join(folder, "ipmp-exporter.service");
    const socketFile = join(folder, "ipmp-exporter.socket");
    writeFileSync(unitFile, here(unit));
    copyFileSync(root("deploy", "systemd", "ipmp-exporter.socket"), socketFile);
    const verify = (): void => {
      const { status, output } = run("systemd-analyze", ["verify", "--man=no", unitFile, socketFile]);
      assert.deepEqual({ status, output }, { status: 0, output: "" });
    };
    verify();
    mkdirSync(`${unitFile}.d`);
    for (const name of readdirSync(root("deploy", "systemd", "ipmp-exporter.service.d"))) {
      writeFileSync(join(`${unitFile}.d`, name), here(text("deploy", "systemd", "ipmp-exporter.service.d", name)));
    }
    verify();
  });

  test("would not pass with a setting that does not exist", { skip: without("systemd-analyze") }, (context) => {
    const file = join(scratch(context), "ipmp-exporter.service");
    writeFileSync(
      file,
      unit.replaceAll("/usr/bin/ipmp-exporter", root("dist", "main.js")).replace("ProtectClock", "ProtectClok"),
    );
    assert.match(run("systemd-analyze", ["verify", "--man=no", file]).output, /ProtectClok/);
  });

  test("lets the program have what it is built on", () => {
    assert.deepEqual(setting(unit, "RestrictAddressFamilies"), ["AF_NETLINK AF_UNIX AF_INET AF_INET6"]);
    assert.deepEqual(setting(unit, "MemoryDenyWriteExecute"), [], "V8 compiles while it runs");
    assert.deepEqual(setting(unit, "PrivateNetwork"), []);
    assert.deepEqual(setting(unit, "ProcSubset"), [], "the boot id is in /proc/sys");
    assert.deepEqual(setting(unit, "StateDirectory"), ["ipmp-exporter"]);
    assert.deepEqual(setting(unit, "RuntimeDirectory"), ["ipmp-exporter"]);
    assert.deepEqual(setting(unit, "CapabilityBoundingSet"), [""]);
  });

  test("starts, reloads and runs as the sysusers file and the program say", () => {
    const users = text("deploy", "systemd", "ipmp-exporter.sysusers");
    const [user = ""] = setting(unit, "User");
    assert.match(users, new RegExp(`^u ${user} `, "m"));
    assert.deepEqual(setting(unit, "ExecReload"), ["/bin/kill -HUP $MAINPID"]);
    assert.deepEqual(setting(unit, "Type"), ["exec"]);
    assert.match(
      text("deploy", "systemd", "ipmp-exporter.default"),
      /^ARGS="--config\.file=\/etc\/ipmp-exporter\/config\.yml"$/m,
    );
    for (const [, who] of text("deploy", "systemd", "ipmp-exporter.tmpfiles").matchAll(/^d \S+\s+\d+ (\S+) /gm)) {
      assert.equal(who, user);
    }
  });

  test("makes its user", { skip: without("systemd-sysusers") }, (context) => {
    const folder = scratch(context);
    mkdirSync(join(folder, "etc"));
    succeed("systemd-sysusers", [`--root=${folder}`, root("deploy", "systemd", "ipmp-exporter.sysusers")]);
    assert.match(readFileSync(join(folder, "etc", "passwd"), "utf8"), /^ipmp-exporter:.*:\/usr\/sbin\/nologin$/m);
  });
});

describe("ipmp-exporter.socket", () => {
  test("holds the program's port", () => {
    assert.deepEqual(setting(socket, "ListenStream"), [DEFAULTS.webListenAddress.replace(":", "")]);
  });
});

/** System calls that a filter of systemd lets through: sets are resolved, later lines with ~ take away. */
function allowed(filters: readonly string[]): Set<string> {
  const sets = new Map<string, string[]>();
  let current: string[] = [];
  for (const line of succeed("systemd-analyze", ["syscall-filter", "--no-pager"]).split("\n")) {
    if (/^[@\w]/.test(line)) {
      current = [];
      sets.set(line.trim(), current);
    } else if (/^ {4}[@\w]/.test(line)) current.push(line.trim());
  }
  const resolve = (name: string): string[] => (name.startsWith("@") ? (sets.get(name) ?? []).flatMap(resolve) : [name]);
  const result = new Set<string>();
  for (const filter of filters) {
    const takesAway = filter.startsWith("~");
    for (const call of filter.replace("~", "").split(" ").flatMap(resolve)) {
      if (takesAway) result.delete(call);
      else result.add(call);
    }
  }
  return result;
}

describe("the system call filter", { skip: without("strace", "systemd-analyze") }, () => {
  test("lets through whatever the program calls from start to stop", async (context) => {
    const trace = join(scratch(context), "trace");
    // -D: strace hides behind the program, so that signals reach the program.
    const program = await Program.start(context, {
      through: ["strace", "-D", "-f", "-qq", "-o", trace, "-e", "signal=none"],
    });
    await program.metrics();
    program.signal("SIGHUP");
    await program.logged("configuration reloaded");
    await program.get("/");
    await program.stop();
    const traced = (): string => (existsSync(trace) ? readFileSync(trace, "utf8") : "");
    await eventually(
      () => new RegExp(`^${program.pid} +(?:exit_group\\(|\\+\\+\\+ exited)`, "m").test(traced()),
      () => "the trace has no end",
    );
    // Each line: pid, call(arguments) = result. "<... call resumed>" is the rest of one that has been seen.
    const calls = new Set([...traced().matchAll(/^\d+ +([a-z0-9_]+)\(/gm)].map(([, call = ""]) => call));
    assert.ok(calls.has("recvmsg") || calls.has("read"), "nothing was recorded");
    const lets = allowed(setting(unit, "SystemCallFilter"));
    assert.ok(lets.has("openat") && !lets.has("mount"), "the filter was not understood");
    assert.deepEqual([...calls].filter((call) => !lets.has(call)).sort(), []);
  });
});

describe("socket activation", { skip: without("systemd-socket-activate") }, () => {
  test("serves on the socket that it was given, and on no other", async (context) => {
    const path = join(scratch(context), "activated.sock");
    // systemd-socket-activate starts the program when the first connection comes, which then waits for it.
    const program = Program.launch(context, {
      through: ["systemd-socket-activate", `--listen=${path}`],
      args: ["--web.systemd-socket"],
    });
    let metrics: string | undefined;
    await eventually(
      async () => {
        metrics = await get(path, "/metrics").catch(() => undefined); // not listening yet
        return metrics !== undefined;
      },
      () => "nobody answers on the socket",
    );
    assert.match(metrics ?? "", /^ipmp_/m);
    await program.logged("address=fd:3");
    await program.logged(" page=none");
    assert.ok(!existsSync(join(program.folder, "web.sock")), "--web.listen-address was served as well");
    assert.equal(await program.stop(), 0);
  });

  test("is refused with a reason when nobody handed over a socket", async (context) => {
    const program = Program.launch(context, { args: ["--web.systemd-socket"] });
    assert.equal(await program.exited(), 1);
    await program.logged("Cannot use --web.systemd-socket");
  });
});

function get(socketPath: string, path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const call = request({ socketPath, path, agent: false }, (response) => {
      let body = "";
      response.setEncoding("utf8").on("data", (part: string) => {
        body += part;
      });
      response.on("end", () => resolve(body));
    });
    call.on("error", reject);
    call.end();
  });
}
