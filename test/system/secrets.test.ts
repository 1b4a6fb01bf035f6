/**
 * Secrets stay where they are: a marker stands wherever one may, in right and wrong places, every face is asked and every error is
 * made, and the marker is looked for in all that comes out.
 */

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { describe, type TestContext, test } from "node:test";
import type { Terminal } from "#src/cli/command.js";
import { run } from "#src/cli/run.js";
import { program as command } from "../cli/program.ts";
import { encode, FakeDevice } from "../support/fake-device.ts";
import { type Hooks, Netns, NO_NETNS } from "../support/netns.ts";
import { Program } from "../support/program.ts";
import { root } from "../support/root.ts";
import { scratch } from "../support/scratch.ts";
import { asUser, manager, withoutTools } from "../support/snmp-tools.ts";
import { NO_TMUX, Tmux } from "../support/tmux.ts";
import { eventually } from "../support/wait.ts";

const MARKER = "S3cretMarker";
/** The user "ali" with the password "s3same", of cost 4. */
const HASH = "$2y$04$abcdefghijklmnopqrstuuzr4MfTVh.I8GSrV6Uu1d5zSUZ5P8vPm";
/** A line of a private key. */
const KEY_LINE = readFileSync(root("test", "web", "certificates", "server.key"), "utf8").split("\n")[2] ?? "";
const FORMS = [
  KEY_LINE,
  MARKER,
  MARKER.toLowerCase(),
  Buffer.from(MARKER).toString("hex"),
  Buffer.from(MARKER).toString("base64"),
  HASH,
];

/** What came out, by where. */
class Outputs {
  readonly #all: [from: string, text: string][] = [];

  add(from: string, text: string): void {
    this.#all.push([from, text]);
  }

  holdNoSecret(): void {
    const told = this.#all.filter(([, text]) => FORMS.some((form) => text.includes(form)));
    assert.deepEqual(told, []);
    assert.ok(this.#all.length > 0);
  }
}

const CONFIG = `groups: [{ name: ipmp0, interfaces: [va, vb] }]
web: { config_file: web.yml, enable_lifecycle: true, listen_addresses: ["unix:\${folder}/tls.sock"] }
snmp:
  communities: [{ name: ${MARKER}Community }]
  users:
    - { name: nms, auth: { protocol: SHA-256, password_file: auth }, priv: { protocol: AES-128, password_file: priv } }
  notifications:
    - { target: "udp:127.0.0.1:1162", community: ${MARKER}Trap }
    - { target: "udp:127.0.0.1:1163", version: 3, user: nms, type: inform }
sources:
  - { name: silent1, kind: snmp, target: "udp:127.0.0.1:1164", community: ${MARKER}Silent, interval: 1s, timeout: 100ms }
  - { name: silent2, kind: snmp, target: "udp:127.0.0.1:1165", community_file: community, interval: 1s, timeout: 100ms }
  - { name: silent3, kind: snmp, target: "udp:127.0.0.1:1166", version: 3, user: nms, interval: 1s, timeout: 100ms }
`;

const A_TARGET = "target: udp:192.0.2.1:161";

const aSource = (rest: string) => `sources: [{ name: router, kind: snmp, ${A_TARGET}, ${rest} }]`;

/** A user of version 3, whose password is in a file. */
const NMS = "{ name: nms, auth: { protocol: SHA-1, password_file: auth } }";

/** Configurations that are wrong where a secret may stand. */
const WRONG: readonly string[] = [
  `snmp: { communities: [ ${MARKER} ] }`,
  `snmp: { communities: { ${MARKER}: [127.0.0.1] } }`,
  `snmp: { ${MARKER}: {} }`,
  `snmp: { communities: [{ name: ${MARKER}, sources: [${MARKER}] }] }`,
  `snmp: { communities: [{ name: ${MARKER} }, { name: ${MARKER} }] }`,
  `snmp: { communities: [{ name: a, view: { include: [${MARKER}] } }] }`,
  `snmp: { communities: [{ name: a, view: ${MARKER} }] }`,
  `snmp: { communities: [{ name: *${MARKER} }] }`,
  `snmp: { communities: [{ name: !${MARKER} x }] }`,
  `snmp: { communities: [{ name: "${MARKER} }] }`,
  `snmp: { communities: [{ name: "${MARKER}\\u0007" }] }`,
  `snmp: { users: [{ name: ${MARKER} }] }`,
  `snmp: { users: [{ name: a, auth: { protocol: ${MARKER}, password_file: a } }] }`,
  `snmp: { users: [{ name: a, auth: { protocol: SHA-1, password: ${MARKER} } }] }`,
  `snmp: { users: [{ name: a, auth: ${MARKER} }] }`,
  `snmp: { notifications: [{ target: ${MARKER} }] }`,
  `snmp: { notifications: [{ target: "udp:192.0.2.1:162", version: 3, user: ${MARKER} }] }`,
  `snmp: { notifications: [{ target: "udp:192.0.2.1:162", version: 3, community: ${MARKER} }] }`,
  `snmp: { notifications: [{ target: "udp:192.0.2.1:162", version: 2, user: ${MARKER} }] }`,
  `sources: ${MARKER}`,
  `sources: [ ${MARKER} ]`,
  `sources: { ${MARKER}: x }`,
  `source: [{ name: router, community: ${MARKER} }]`,
  ...[
    "",
    `target: ${MARKER}`,
    `target: "udp:${MARKER}:161"`,
    `${A_TARGET}, ${MARKER}: x`,
    `${A_TARGET}, comunity: ${MARKER}`,
    `${A_TARGET}, community: { ${MARKER}: x }`,
    `${A_TARGET}, community: [ ${MARKER} ]`,
    `${A_TARGET}, community: *${MARKER}`,
    `${A_TARGET}, community: "${MARKER}\\u0007"`,
    `${A_TARGET}, community: ${MARKER}, community_file: ${MARKER}`,
    `${A_TARGET}, community_file: { ${MARKER}: x }`,
    `${A_TARGET}, community_file: [ ${MARKER} ]`,
    `${A_TARGET}, version: ${MARKER}`,
    `${A_TARGET}, version: 3`,
    `${A_TARGET}, version: 3, user: ${MARKER}`,
    `${A_TARGET}, version: 2, user: ${MARKER}`,
    `${A_TARGET}, version: 3, user: { ${MARKER}: x }`,
    `${A_TARGET}, interval: ${MARKER}`,
    `${A_TARGET}, timeout: ${MARKER}`,
    `${A_TARGET}, failures: ${MARKER}`,
  ].map((rest) => `sources: [{ name: router, kind: snmp, ${rest} }]`),
  `sources: [{ name: router, kind: ${MARKER}, ${A_TARGET} }]`,
  `sources: [{ name: "${MARKER} x", kind: snmp, ${A_TARGET} }]`,
  `sources: [{ name: ${MARKER}, kind: snmp, ${A_TARGET} }, { name: ${MARKER}, kind: snmp, ${A_TARGET} }]`,
  `snmp: { users: [${NMS}] }\nsources: [{ name: r, kind: snmp, ${A_TARGET}, version: 3, user: nms, community: ${MARKER} }]`,
];

/** Right in form, and wrong at the start only. */
const WRONG_AT_START: readonly string[] = [
  `snmp: { users: [{ name: a, auth: { protocol: SHA-1, password_file: ${MARKER} } }] }`,
  `snmp: { users: [{ name: ${MARKER}, auth: { protocol: SHA-1, password_file: folder } }] }`,
  `snmp: { users: [{ name: ${MARKER}, auth: { protocol: SHA-1, password_file: short } }] }`,
  `snmp: { users: [{ name: ${MARKER}, auth: { protocol: SHA-1, password_file: pipe } }] }`,
  `snmp: { users: [{ name: ${MARKER}, auth: { protocol: SHA-1, password_file: /dev/zero } }] }`,
  `snmp: { communities: [{ name: ${MARKER}, view: { include: [1.3.6.1.2.1.2.2.1.1.1] } }] }`,
  aSource(`community_file: ${MARKER}`),
  `snmp: { users: [{ name: ${MARKER}, auth: { protocol: SHA-1, password_file: short } }] }
sources: [{ name: router, kind: snmp, ${A_TARGET}, version: 3, user: ${MARKER} }]`,
];

/** Files that have no community. */
const NO_COMMUNITY = ["folder", "pipe", "empty", "/dev/zero", `folder/${MARKER}`, `auth/${MARKER}`];

const WRONG_WEB: readonly string[] = [
  `basic_auth_users: { ali: ${MARKER} }`,
  `basic_auth_users: { ${MARKER}: x }`,
  `basic_auth_users: *${MARKER}`,
  `${MARKER}: x`,
  `ali: ${HASH}`,
  `basic_auth_users: [ "${HASH}" ]`,
  `tls_server_config: { cert_file: server.crt, key_file: ${MARKER} }`,
  `tls_server_config: { cert_file: server.crt, key: ${MARKER} }`,
  `tls_server_config: { cert_file: server.key, key_file: server.crt }`,
  `tls_server_config:\n  cert_file: server.crt\n  key: |\n  ${KEY_LINE}`,
  `tls_server_config: { cert_file: server.crt, key_file: "${KEY_LINE}" }`,
];

function stage(t: TestContext): string {
  const folder = scratch(t);
  writeFileSync(join(folder, "auth"), `${MARKER} is the word\n`);
  writeFileSync(join(folder, "priv"), `${MARKER} is another\n`);
  writeFileSync(join(folder, "short"), MARKER.slice(0, 4));
  writeFileSync(join(folder, "empty"), `\n${MARKER}\n`);
  writeFileSync(join(folder, "community"), `${MARKER}Device\n`);
  execFileSync("mkfifo", [join(folder, "pipe")]);
  mkdirSync(join(folder, "folder"));
  for (const name of ["server.crt", "server.key"])
    copyFileSync(root("test", "web", "certificates", name), join(folder, name));
  writeFileSync(join(folder, "web.yml"), `basic_auth_users: { ali: "${HASH}" }\n`);
  return folder;
}

/** What every command that asks the daemon prints, rightly used and wrongly; of `top`, its screen. */
async function commandsTell(hooks: Hooks, outputs: Outputs, socket: string): Promise<void> {
  const control = `--control.socket=${socket}`;
  const commands = [["ipmpstat", "-g"], ["kstat"], ["status"], ["status", "nothing"], ["top"], ["offline", "nothing"]];
  const printed = await Promise.all(commands.map((args) => command([...args, control])));
  for (const [index, { stdout, stderr }] of printed.entries()) {
    const name = commands[index]?.join(" ") ?? "";
    assert.ok(stdout + stderr !== "", `${name} says something`);
    outputs.add(name, stdout + stderr);
  }
  const terminal = await Tmux.start(hooks);
  terminal.keys(`clear; ${process.execPath} ${root("dist", "main.js")} top ${control}`, "Enter");
  await terminal.shows(/q quit/);
  await terminal.shows(/^(No answer since .*: |va|The .*|ipmp0 .*|g )/m);
  outputs.add("top in a terminal", terminal.screen());
  terminal.keys("q");
}

describe("no secret", { skip: NO_NETNS || NO_TMUX || withoutTools("snmpget", "snmpwalk") }, () => {
  test("leaves check-config", async (t) => {
    const folder = stage(t);
    const outputs = new Outputs();
    const file = join(folder, "c.yml");
    const check = async (text: string) => {
      writeFileSync(file, text);
      const [stdout, stderr] = [new PassThrough(), new PassThrough()];
      const terminal = { stdin: process.stdin, stdout, stderr, env: {} } as unknown as Terminal; // they are streams, and no files
      assert.equal(await run(["check-config", file], terminal), 1, `${text} is taken for right`);
      outputs.add("check-config", `${stdout.read()}${stderr.read()}`);
    };
    for (const text of [...WRONG, ...WRONG_AT_START]) await check(text);
    for (const name of NO_COMMUNITY) await check(aSource(`community_file: ${name}`));
    for (const text of WRONG_WEB) {
      writeFileSync(join(folder, "web.yml"), text);
      await check("web: { config_file: web.yml }");
    }
    outputs.holdNoSecret();
  });

  test("leaves the running program: log, answers, walks, command line, state", async (t) => {
    const ns = Netns.create(t, "secrets");
    ns.addVeth("va", "pa");
    ns.addVeth("vb", "pb");
    const folder = stage(t);
    const outputs = new Outputs();
    const config = CONFIG.replace("${folder}", folder);
    writeFileSync(join(folder, "web.yml"), `basic_auth_users: { ali: "${HASH}" }\n`);
    const program = Program.launch(t, { ns, folder, config, args: ["--log.level=debug"] });
    await program.logged("msg=ready");
    const ask = (path: string, method = "GET", ...more: readonly string[]) => {
      const socket = path.startsWith("/control") ? "control.sock" : "web.sock";
      const url = `http://localhost${path.replace("/control", "")}`;
      return execFileSync("curl", ["-si", "-X", method, "--unix-socket", join(folder, socket), ...more, url], {
        encoding: "utf8",
      });
    };
    const pages = [
      "/",
      "/metrics",
      "/api/v1/groups",
      "/api/v1/links",
      "/api/v1/events",
      "/api/v1/kstats",
      "/api/v1/status",
      "/-/healthy",
      `/nothing`,
    ];
    for (const path of pages) {
      outputs.add(path, ask(path));
      outputs.add(`${path} by a user`, ask(path, "GET", "-u", `ali:${MARKER} wrong`));
      outputs.add(`${path} over the control socket`, ask(`/control${path}`));
    }
    for (const who of [
      ["-v2c", "-c", `${MARKER}Community`],
      asUser("nms", ["SHA-256", `${MARKER} is the word`], ["AES", `${MARKER} is another`]),
    ]) {
      const { stdout } = await manager(ns, "snmpwalk", ...who, "-On", "udp:127.0.0.1:1161", ".1");
      assert.match(stdout, /\n/, "the walk shows something");
      outputs.add("a walk", stdout);
    }
    await manager(
      ns,
      "snmpget",
      "-v2c",
      "-c",
      `${MARKER}Wrong`,
      "-r0",
      "-t0.2",
      "udp:127.0.0.1:1161",
      "SNMPv2-MIB::sysName.0",
    );
    await manager(
      ns,
      "snmpget",
      ...asUser("nms", ["SHA-256", `${MARKER} is wrong`]),
      "udp:127.0.0.1:1161",
      "SNMPv2-MIB::sysName.0",
    );
    ns.ip("link", "set", "va", "down"); // notifications go, to nobody
    await program.logged("member state changed");

    // Reloads begin once a second, so the texts of each kind are tried in one file where they do not hide one another.
    for (const text of WRONG.slice(0, 6)) {
      const next = join(folder, "next.yml");
      writeFileSync(next, text);
      renameSync(next, join(folder, "ipmp.yml"));
      const answer = ask("/control/-/reload", "POST");
      assert.match(answer, /^HTTP\/1\.1 500 /, text);
      outputs.add("a reload", answer);
    }
    rmSync(join(folder, "ipmp.yml"));
    execFileSync("mkfifo", [join(folder, "ipmp.yml")]);
    assert.match(ask("/control/-/reload", "POST"), /ipmp\.yml: expected a file, which can be read again/);
    for (const text of WRONG_WEB.slice(0, 4)) {
      const before = program.log.filter((line) => line.includes("web configuration is wrong")).length;
      writeFileSync(join(folder, "web.yml"), text);
      await eventually(
        () => program.log.filter((line) => line.includes("web configuration is wrong")).length > before,
        () => `nothing is said of ${text}`,
      );
    }
    for (const device of ["silent1", "silent2", "silent3"]) {
      await program.logged("a source does not answer", device);
      outputs.add(device, ask(`/probe?target=${device}`));
    }
    await commandsTell(t, outputs, join(folder, "control.sock"));
    for (const name of ["cmdline", "environ"]) outputs.add(name, readFileSync(`/proc/${program.pid}/${name}`, "utf8"));
    assert.equal(await program.stop(), 0);
    outputs.add("the log", program.log.join("\n"));
    for (const name of readdirSync(folder).filter((each) => each.startsWith("state.json"))) {
      outputs.add(name, readFileSync(join(folder, name), "latin1"));
    }
    outputs.holdNoSecret();
  });

  test("leaves commands whose daemon is none, or answers wrongly", async (t) => {
    const folder = scratch(t);
    const outputs = new Outputs();
    const socket = join(folder, "control.sock");
    const wrong: readonly (readonly [status: number, body: string])[] = [
      [200, MARKER],
      [200, `{"groups":"${MARKER}","events":"${MARKER}","started_at":["${MARKER}"]}`],
      [500, MARKER],
    ];
    for (const [status, body] of wrong) {
      const daemon = createServer((_request, response) => response.writeHead(status, MARKER, { x: MARKER }).end(body));
      await once(daemon.listen(socket), "listening");
      await commandsTell(t, outputs, socket);
      daemon.closeAllConnections();
      await new Promise((resolve) => daemon.close(resolve));
    }
    await commandsTell(t, outputs, socket); // nobody listens
    outputs.holdNoSecret();
  });

  test("leaves a program whose device answers wrongly", async (t) => {
    const folder = stage(t);
    const outputs = new Outputs();
    const device = await FakeDevice.start(t);
    device.community = `${MARKER}Device`;
    device.add(1, "eth0");
    const config = `sources: [{ name: sw1, kind: snmp, target: "${device.target}", community_file: community, interval: 200ms, timeout: 100ms, failures: 1 }]
groups: [{ name: g, interfaces: [{ source: sw1, device: eth0 }] }]`;
    const program = await Program.start(t, { folder, config, args: ["--log.level=debug"] });
    const look = async () => {
      for (const path of [
        "/metrics",
        "/probe?target=sw1",
        "/sd",
        "/",
        "/api/v1/status",
        "/api/v1/groups",
        "/api/v1/events",
      ])
        outputs.add(path, (await program.get(path)).body);
    };
    const manners: readonly FakeDevice["misbehave"][] = [
      () => undefined,
      () => Buffer.from(device.community),
      (_request, proper) => proper.subarray(0, proper.length - 3), // its length is wrong
      ({ pdu }) => encode(1, `${MARKER}Other`, pdu.requestId, 0, []),
      ({ pdu }) => encode(1, device.community, pdu.requestId, 5, []),
      ({ pdu }) =>
        encode(1, device.community, pdu.requestId, 0, [
          ["1.3.6.1.2.1.1.3.0", { syntax: "OctetString", value: device.community }],
        ]),
    ];
    for (const misbehave of manners) {
      device.misbehave = misbehave;
      const asked = device.requests.length;
      await eventually(
        () => device.requests.length > asked + 2,
        () => "the device is not asked any more",
      );
      await look();
    }
    await commandsTell(t, outputs, join(folder, "control.sock"));
    assert.equal(await program.stop(), 0);
    outputs.add("the log", program.log.join("\n"));
    outputs.add("the state", readFileSync(join(folder, "state.json"), "latin1"));
    outputs.holdNoSecret();
  });

  test("leaves a start that fails, or a program that ends by an error of its own", async (t) => {
    const folder = stage(t);
    const outputs = new Outputs();
    for (const text of WRONG_AT_START) {
      const ns = Netns.create(t, "start");
      const program = Program.launch(t, { ns, folder, config: text });
      assert.equal(await program.exited(), 1, text);
      outputs.add("a start", program.log.join("\n"));
    }
    const ns = Netns.create(t, "crash");
    chmodSync(folder, 0o777);
    const config = CONFIG.replace("${folder}", folder);
    const fault = "data:text/javascript,process.on('SIGUSR2',()=>{throw new Error('fault')})";
    const program = Program.launch(t, { ns, folder, config, through: ["env", `NODE_OPTIONS=--import="${fault}"`] });
    await program.logged("msg=ready");
    program.signal("SIGUSR2");
    assert.equal(await program.exited(), 1);
    await program.logged("internal error, stopping", "fault");
    outputs.add("a crash", program.log.join("\n"));
    outputs.holdNoSecret();
  });
});
