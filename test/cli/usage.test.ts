/** Right and wrong ways to ask for something, and the exit status of each. */

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { appendFileSync, chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text as readAll } from "node:stream/consumers";
import { after, describe, test } from "node:test";
import * as z from "zod";
import { parseArguments } from "#src/cli/arguments.js";
import { COMMANDS } from "#src/cli/commands.js";
import { CONFIGURATION_FLAGS } from "#src/config/flags.js";
import { root } from "../support/root.ts";
import { program } from "./program.ts";

const folder = mkdtempSync(join(tmpdir(), "ipmp-cli-"));
after(() => rmSync(folder, { recursive: true }));

function file(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

const SEE = "(see ipmp-exporter help)";

/** Wrong arguments, and the one line that is said about them. */
const WRONG: readonly (readonly [args: readonly string[], line: string])[] = [
  [["versoin"], 'unknown command "versoin": did you mean version?'],
  [["frobnicate"], 'unknown command "frobnicate"'],
  [["--web.listen-adress", ":1"], "unknown flag --web.listen-adress: did you mean --web.listen-address?"],
  [["--frobnicate"], "unknown flag --frobnicate"],
  [["serve", "-x"], "unknown flag -x"],
  [["--web.max-requests"], "--web.max-requests needs a value: COUNT"],
  [["--web.systemd-socket=yes"], '--web.systemd-socket takes no value: it was given "yes"'],
  [["--no-log.level"], "unknown flag --no-log.level: did you mean --log.level?"],
  [["--log.level=loud"], '--log.level: found "loud": expected one of debug, info, warn, error'],
  [["serve", "x"], 'unexpected argument "x": serve takes flags only'],
  [["check-config"], "check-config needs FILE…"],
  [["check-config", "-", "a", "-"], "check-config reads standard input once: found - twice"],
  [["offline"], "offline needs DEVICE"],
  [["completion", "tcsh"], 'completion: found "tcsh": expected one of bash, zsh, fish'],
  [["help", "kstats"], 'unknown command "kstats": did you mean kstat?'],
  [["ipmpstat"], "ipmpstat needs exactly one of -g, -i, -a, -t, -p"],
  [["ipmpstat", "-gi"], "ipmpstat needs exactly one of -g, -i, -a, -t, -p"],
  [["ipmpstat", "-gP"], "ipmpstat -P needs the fields: -o FIELD,…"],
  [["ipmpstat", "--g"], "unknown flag --g"],
  [["kstat", "-p", "-j"], "kstat takes one of -p, -C, -l, -j"],
  [["kstat", "-m", "ipmp", "link"], "kstat takes a selector, or -m, -i, -n and -s, not both"],
  [["kstat", "a:b:c:d:e"], 'kstat: found "a:b:c:d:e": expected module:instance:name:statistic'],
  [["replay", "-e", "--probes"], "replay takes one of -e, --probes"],
  [["kstat", "1", "0"], 'kstat: found "0": expected [INTERVAL [COUNT]], each from 1 to 2000000'],
  [["kstat", "1", "ipmp"], 'kstat: found "ipmp": expected [INTERVAL [COUNT]], each from 1 to 2000000'],
];

describe("every command has examples, which it would take", () => {
  for (const command of COMMANDS) {
    test(command.name, () => {
      assert.ok(command.examples.length > 0);
      for (const [line] of command.examples) {
        const [name, ...args] = line
          .replace(/ [<>].*/, "")
          .replaceAll("'", "")
          .split(" ");
        const { operands } = parseArguments(args, command.options);
        assert.equal(name, command.name);
        assert.ok(operands.length >= command.minOperands && operands.length <= command.maxOperands, line);
      }
    });
  }
});

describe("wrong arguments are told in one line, exit status 2", () => {
  for (const [args, line] of WRONG) {
    test(args.join(" "), async () =>
      assert.deepEqual(await program(args), { status: 2, stdout: "", stderr: `ipmp-exporter: ${line} ${SEE}\n` }),
    );
  }
});

describe("check-config on a host", () => {
  /** A tree of /proc with one bond. */
  function hostWithBond(context: { after(hook: () => void): void }, miimonMs: number): string {
    const folder = mkdtempSync(join(tmpdir(), "ipmp-exporter-host-"));
    context.after(() => rmSync(folder, { recursive: true }));
    const net = join(folder, "proc", "self", "net");
    mkdirSync(join(net, "bonding"), { recursive: true });
    const row = (name: string) => `${name}: ${"0 ".repeat(16)}\n`;
    writeFileSync(join(net, "dev"), `head\nhead\n${row("bond0")}${row("eth0")}`);
    const bond = readFileSync(root("test", "fixtures", "linux", "bonding-active-backup.txt"), "utf8");
    const interval = `MII Polling Interval (ms): ${miimonMs}`;
    writeFileSync(join(net, "bonding", "bond0"), bond.replace("MII Polling Interval (ms): 100", interval));
    const file = join(folder, "c.yml");
    writeFileSync(file, `source: procfs\npath: { procfs: ${join(folder, "proc")}, sysfs: ${folder} }\n`);
    return file;
  }

  const idle: Readonly<Record<string, readonly string[]>> = {
    "detection: { probes: { targets: { eth0: [192.0.2.1] } } }": [
      "detection.probes.targets: nobody is probed: expected detection.probes.enabled, or probes of a group, to be true",
    ],
    "detection: { probes: { enabled: true, targets: { eth0: [192.0.2.1], eht0: [192.0.2.1] } } }": [
      "detection.probes.targets: no group has eht0, and this host has no link of that name",
    ],
    [`discovery: { default_routes: false }
groups: [{ name: g, probes: true, interfaces: [wan0, { match: ^lan }] }]
detection: { probes: { targets: { wan0: [192.0.2.1], lan7: [192.0.2.1], eth0: [192.0.2.1] } } }`]: [
      "detection.probes.targets: no group has eth0",
    ],
    [`groups: [{ name: g, interfaces: [eth0] }]
shared_fate: [${["g", "gg", "bond0", "default"].map((group) => `{ group: ${group}, kind: card, reason: r }`).join(", ")}]`]:
      ["shared_fate[1].group: there is no group gg to accept it for"],
    "shared_fate: [{ kind: card, reason: r }]": [],
  };
  for (const [text, warnings] of Object.entries(idle)) {
    test(`warns of keys that mean nothing: ${text}`, async (context) => {
      const file = hostWithBond(context, 100);
      appendFileSync(file, `${text}\n`);
      const { status, stderr } = await program(["check-config", file]);
      assert.deepEqual([status, stderr], [0, warnings.map((line) => `${file}: warning: ${line}\n`).join("")]);
    });
  }

  test("warns of a bond that monitors nothing, and calls the file valid", async (context) => {
    const file = hostWithBond(context, 0);
    const { status, stderr } = await program(["check-config", file]);
    const warning = "bond0 does not monitor its links (miimon 0, no arp_interval): it keeps using a link that is lost";
    assert.deepEqual([status, stderr], [0, `${file}: warning: ${warning}\n`]);
  });

  test("has nothing to say of a bond with a monitor", async (context) => {
    const { status, stderr } = await program(["check-config", hostWithBond(context, 100)]);
    assert.deepEqual([status, stderr], [0, ""]);
  });
});

describe("check-config", () => {
  const right = file("right.yml", "groups: [{ name: a, interfaces: [eth0, { match: x }] }]\n");
  const wrong = file("wrong.yml", "groups: 7\nlog: { level: x }\n");

  test("counts what a right file has", async () =>
    assert.deepEqual(await program(["check-config", right]), {
      status: 0,
      stdout: `${right}: valid: 1 group, 2 interface rules, 1 HTTP address, 1 SNMP address\n`,
      stderr: "",
    }));

  const complaints = [
    `${wrong}:1:9: groups: found 7: expected a list of groups`,
    `${wrong}:2:15: log.level: found "x": expected debug, info, warn or error`,
    "",
  ].join("\n");

  test("complains of a wrong one, a line for each mistake", async () =>
    assert.deepEqual(await program(["check-config", wrong]), { status: 1, stdout: "", stderr: complaints }));

  test("takes several files, and says of each what it is", async () => {
    const other = file("other.yml", "");
    const { status, stdout, stderr } = await program(["check-config", right, wrong, join(folder, "none.yml"), other]);
    assert.equal(status, 1);
    assert.equal(
      stderr,
      `${complaints}${folder}/none.yml: no such file: expected the path of a YAML file that can be read\n`,
    );
    assert.deepEqual(
      stdout
        .trimEnd()
        .split("\n")
        .map((line) => line.split(": ")[0]),
      [right, other],
    );
  });

  test("takes standard input, of which relative paths begin in the working directory", async () => {
    const given = async (text: string | Buffer) => {
      const child = spawn(process.execPath, [root("dist", "main.js"), "check-config", "-"], { cwd: folder });
      child.stdin.on("error", () => {}); // it need not be read to its end
      child.stdin.end(text);
      const ended = once(child, "close");
      const [stdout, stderr] = await Promise.all([readAll(child.stdout), readAll(child.stderr)]);
      const [status] = (await ended) as [number];
      return { status, stdout, stderr };
    };
    assert.deepEqual(await given("groups: [{ name: a, interfaces: [eth0] }]\n"), {
      status: 0,
      stdout: "<stdin>: valid: 1 group, 1 interface rule, 1 HTTP address, 1 SNMP address\n",
      stderr: "",
    });
    assert.match((await given("log: { level: x }\n")).stderr, /^<stdin>:1:15: log\.level: found "x": expected /);
    file("beside.yml", "users: 1\n");
    assert.match(
      (await given("web: { config_file: beside.yml }\n")).stderr,
      new RegExp(`^<stdin>: ${folder}/beside.yml`),
    );
    assert.match((await given(Buffer.alloc(2_000_000, "#"))).stderr, /^<stdin>: larger than 1 MiB: expected a config/);
    assert.match((await given(Buffer.from([0xff, 0xfe]))).stderr, /^<stdin>: not UTF-8 text/);
  });

  test("reads every file that it refers to, and those that the web configuration refers to", async () => {
    const web = file("web.yml", "tls_server_config: { cert_file: none.crt, key_file: none.key }\n");
    const short = file("short.password", "tiny\n");
    chmodSync(short, 0o600);
    const user = (name: string, password: string) =>
      `{ name: ${name}, auth: { protocol: SHA-256, password_file: ${password} } }`;
    const users = `snmp: { users: [${user("a", "none.password")}, ${user("b", short)}] }`;
    const { status, stdout, stderr } = await program([
      "check-config",
      file("refers.yml", `web: { config_file: web.yml }\n${users}\n`),
    ]);
    assert.equal(status, 1);
    assert.equal(stdout, "");
    const lines = stderr.trimEnd().split("\n");
    assert.equal(lines.length, 3, stderr);
    const refers = join(folder, "refers.yml: ");
    assert.ok(lines.every((line) => line.startsWith(refers)));
    const [ofWeb, ...ofUsers] = lines.map((line) => line.slice(refers.length));
    assert.ok(ofWeb?.startsWith(`${web}: tls_server_config.cert_file: cannot read `), stderr);
    assert.match(ofUsers[0] ?? "", /^Cannot use snmp\.users\[0\]\.auth\.password_file: no such file: expected /);
    assert.match(
      ofUsers[1] ?? "",
      /^Cannot use snmp\.users\[1\]\.auth\.password_file: its first line has 4 octets: expected /,
    );
    writeFileSync(web, "");
    const { status: right } = await program(["check-config", file("refers.yml", "web: { config_file: web.yml }\n")]);
    assert.equal(right, 0);
  });

  test("refuses a state in the place of something else", async () => {
    for (const [path, what] of [
      [folder, "a folder"],
      ["/dev/null", "a device, a pipe or a socket"],
    ] as const) {
      const config = file("state.yml", `state: { file: ${path} }\n`);
      const { status, stderr } = await program(["check-config", config]);
      const complaint = `${config}: state.file: "${path}" is ${what}: expected the path of a file\n`;
      assert.deepEqual([status, stderr], [1, complaint]);
    }
    const config = file("state.yml", `state: { file: ${join(folder, "none", "state.json")} }\n`);
    assert.equal((await program(["check-config", config])).status, 0);
  });

  test("warns of a file with secrets that other users may read", async () => {
    const password = file("open.password", "a long enough word\n");
    chmodSync(password, 0o644);
    const users = `[{ name: a, auth: { protocol: SHA-256, password_file: ${password} } }]`;
    const config = file("open.yml", `snmp: { communities: [{ name: hidden }], users: ${users} }\n`);
    chmodSync(config, 0o604);
    const { status, stderr } = await program(["check-config", config]);
    assert.equal(status, 0);
    const warning = (what: string) =>
      `${config}: warning: ${what}: other users of this host may read it: expected mode 640 or less\n`;
    assert.equal(stderr, warning("the file, which has communities") + warning("snmp.users[0].auth.password_file"));
    for (const path of [password, config]) chmodSync(path, 0o640);
    assert.equal((await program(["check-config", config])).stderr, "");
  });

  test("warns of a web configuration with users, and of a private key, that other users may read", async () => {
    const pem = (name: string) => readFileSync(root("test", "web", "certificates", name), "utf8");
    file("open.crt", pem("server.crt"));
    const key = file("open.key", pem("server.key"));
    const web = file("open-web.yml", "tls_server_config: { cert_file: open.crt, key_file: open.key }\n");
    const config = file("with-web.yml", "web: { config_file: open-web.yml }\n");
    for (const path of [key, web]) chmodSync(path, 0o644);
    const warning = (what: string) =>
      `${config}: warning: ${what}: other users of this host may read it: expected mode 640 or less\n`;
    const ofKey = warning("tls_server_config.key_file of web.config_file");
    assert.equal((await program(["check-config", config])).stderr, ofKey);
    const hash = "$2y$04$abcdefghijklmnopqrstuuzr4MfTVh.I8GSrV6Uu1d5zSUZ5P8vPm";
    appendFileSync(web, `basic_auth_users: { ali: "${hash}" }\n`);
    const ofUsers = warning("web.config_file, which has users");
    assert.equal((await program(["check-config", config])).stderr, ofUsers + ofKey);
    for (const path of [key, web]) chmodSync(path, 0o640);
    assert.equal((await program(["check-config", config])).stderr, "");
  });

  test("is what the daemon does before it does anything else", async () =>
    assert.deepEqual(await program(["--config.file", wrong]), { status: 1, stdout: "", stderr: complaints }));

  test("is --config.check with the flags on top", async () => {
    const args = ["--config.check", `--config.file=${right}`];
    assert.equal(
      (await program([...args, "--snmp.listen-address=none"])).stdout.split(", ").at(-1),
      "0 SNMP addresses\n",
    );
    assert.deepEqual(await program([...args, "--web.listen-address", ":1", "--web.listen-address", "x"]), {
      status: 1,
      stdout: "",
      stderr:
        '--web.listen-address: found "x": expected HOST:PORT, such as :10191, 127.0.0.1:10191 or [::1]:10191, or unix:/PATH of 107 bytes at most\n',
    });
  });
});

describe("help", () => {
  test("lists every command", async () => {
    const { status, stdout } = await program(["--help"]);
    assert.equal(status, 0);
    for (const { name, summary } of COMMANDS) assert.match(stdout, new RegExp(`^  ${name}\\b.*`, "m"), summary);
  });

  test("shows every flag of the daemon", async () => {
    const { stdout } = await program(["serve", "-h"]);
    for (const { name } of CONFIGURATION_FLAGS) assert.ok(stdout.includes(`--${name}`), name);
    assert.equal((await program(["help", "serve"])).stdout, stdout);
  });
});

test("version is the package's", async () => {
  const { version } = z.object({ version: z.string() }).parse(JSON.parse(readFileSync(root("package.json"), "utf8")));
  for (const args of [["version"], ["--version"]]) {
    const { status, stdout } = await program(args);
    assert.equal(status, 0);
    assert.match(
      stdout,
      new RegExp(`^ipmp-exporter, version ${version.replaceAll(".", "\\.")} \\(revision: \\S+\\)\n`),
    );
    assert.ok(stdout.includes(process.version));
  }
});
