/**
 * A life of the program in which it does whatever it can do on Linux without starting other programs: TLS and passwords, SNMP of all
 * versions, a master agent, probes by ICMP and UDP, links that come and go, reloads, state. For tests of what confines it.
 */

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { hashSync } from "bcryptjs";
import { type Hooks, Netns } from "../support/netns.ts";
import { Program } from "../support/program.ts";
import { scratch } from "../support/scratch.ts";
import { eventually } from "../support/wait.ts";
import { succeed } from "./support.ts";

/** Between two questions, each of which starts a program: where there is one slow processor, the one that is asked needs it too. */
const PAUSE_MS = 250;
const PASSWORD = "authentic";

/** Folders of its files: the configuration and what that names, its state, its sockets. */
export interface Places {
  readonly etc: string;
  readonly state: string;
  readonly run: string;
}

/** Lives it behind the words of `through`, and answers with the program, which has ended with 0. By default it has one new folder. */
export async function wholeLife(
  hooks: Hooks,
  name: string,
  through: readonly string[],
  places?: Places,
): Promise<Program> {
  const ns = Netns.create(hooks, name);
  const other = Netns.create(hooks, `${name}o`);
  for (const [link, net] of [
    ["va", 1],
    ["vb", 2],
  ] as const) {
    ns.addVeth(link, `${link}p`, other);
    ns.ip("addr", "add", `10.9.${net}.1/24`, "dev", link);
    other.ip("addr", "add", `10.9.${net}.2/24`, "dev", `${link}p`);
  }
  ns.run("sysctl", "-qw", "net.ipv4.ping_group_range=0 65535");
  const one = places ? "" : scratch(hooks);
  const { etc, state, run } = places ?? { etc: one, state: one, run: one };
  const file = (path: string) => join(etc, path);
  const [key, cert] = [file("key.pem"), file("cert.pem")];
  const subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"];
  succeed("openssl", [
    "req",
    "-x509",
    "-newkey",
    "ec",
    "-pkeyopt",
    "ec_paramgen_curve:prime256v1",
    "-nodes",
    "-keyout",
    key,
    "-out",
    cert,
    ...subject,
  ]);
  const web = {
    tls_server_config: { cert_file: cert, key_file: key },
    basic_auth_users: { ali: hashSync(PASSWORD, 4) },
  };
  writeFileSync(file("web.yml"), JSON.stringify(web));
  for (const secret of ["auth", "priv", "community"]) writeFileSync(file(secret), `${PASSWORD}\n`, { mode: 0o600 });
  const users = `users: [{ name: nms, auth: { protocol: SHA-256, password_file: ${file("auth")} }, priv: { protocol: AES-128, password_file: ${file("priv")} } }]`;
  const config = (method: "icmp" | "udp", time: string) => `groups: [{ name: ipmp0, interfaces: [va, vb] }]
sources: [{ name: sw1, kind: snmp, target: "udp:10.9.1.2", community_file: ${file("community")}, interval: 1s, timeout: 200ms }]
detection: { failure_detection_time: ${time}, probes: { enabled: true, method: ${method}, targets: { va: [10.9.1.2], vb: [10.9.2.2] } } }
web: { config_file: ${file("web.yml")} }
path: { lldpcli: none }
snmp:
  listen_addresses: ["udp:127.0.0.1:1161", "udp6:[::1]:1161"]
  ${users}
  agentx: { socket: ${join(run, "agentx.sock")} }
  notifications: [{ target: "udp:10.9.1.2", version: 2, type: inform }]
`;
  const program = Program.launch(hooks, {
    ns,
    folder: state,
    etc,
    run,
    config: config("icmp", "1s"),
    through,
    args: ["--web.listen-address=127.0.0.1:10191", "--snmp.listen-address=udp:127.0.0.1:1161"],
  });
  const ask = (path: string, user = `ali:${PASSWORD}`) =>
    ns.run("curl", "-sk", "-m", "20", "-u", user, "-o", "-", "-w", "%{http_code}", `https://localhost:10191${path}`);
  const has = async (path: string, ...words: readonly string[]) => {
    let last = "";
    await eventually(
      async () => {
        last = ask(path);
        const holds = last.endsWith("200") && words.every((word) => last.includes(word));
        if (!holds) await sleep(PAUSE_MS);
        return holds;
      },
      () => `${path} has no ${words.join(", ")}: ${last}\n${program.log.join("\n")}`,
    );
  };
  await program.logged("msg=ready");
  await has("/-/ready");
  await has(
    "/metrics",
    'ipmp_probe_method{group="ipmp0",device="va",family="ipv4",method="icmp"} 1',
    "process_open_fds",
  );
  assert.match(ask("/", "ali:wrong"), /401$/);
  await has("/");
  await has("/api/v1/groups");
  for (const version of [
    ["-v2c", "-cpublic"],
    ["-v3", "-unms", "-lauthPriv", "-aSHA-256", `-A${PASSWORD}`, "-xAES", `-X${PASSWORD}`],
  ])
    assert.match(ns.run("snmpget", ...version, "-t5", "127.0.0.1:1161", "1.3.6.1.2.1.1.5.0"), /STRING/);
  other.ip("link", "set", "vap", "down");
  await has("/metrics", 'ipmp_group_state{group="ipmp0",state="degraded"} 1');
  other.ip("link", "set", "vap", "up");
  await has("/metrics", 'ipmp_group_state{group="ipmp0",state="ok"} 1');
  ns.addVeth("vc", "vcp");
  ns.ip("link", "del", "vc");
  writeFileSync(file("ipmp.yml"), config("udp", "10s"));
  program.signal("SIGHUP");
  await program.logged("configuration reloaded");
  await has("/metrics", 'method="udp"} 1');
  writeFileSync(
    file("web.yml"),
    JSON.stringify({ ...web, http_server_config: { headers: { "X-Frame-Options": "deny" } } }),
  );
  await program.logged("web configuration");
  assert.equal(await program.stop(), 0, program.log.join("\n"));
  return program;
}
