import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import type { IncomingMessage } from "node:http";
import { Agent, request } from "node:https";
import { join } from "node:path";
import { describe, type TestContext, test } from "node:test";
import type { ConnectionOptions } from "node:tls";
import { createWeb } from "#src/web/web.js";
import { httpAddresses } from "../support/net-address.ts";
import { root } from "../support/root.ts";
import { ask, aWorld, folder, optionsOf, until, type World } from "./client.ts";

/** bcrypt of "open sesame", cost 4. */
const ALI = "$2b$04$WFjHgpNDBsvW8tJbvlSZEuBKn.p/nAXKR.YFYu3Y2nKnKQW1Sizum";
/** bcrypt of "other", cost 4. */
const OTHER = "$2b$04$Z2kgED89gzBsWQTtJnwAXOu4azS99Eijisb.pQGfJiV/YEE7Be0qu";

const pem = (name: string): string => root("test", "web", "certificates", name);

interface Secured {
  readonly port: number;
  readonly world: World;
  readonly file: string;
  /** Beside the configuration, where it looks for what it names. */
  readonly at: (name: string) => string;
}

async function secured(context: TestContext, yaml: string): Promise<Secured> {
  const at = (name: string): string => join(path, name);
  const path = folder(context);
  for (const name of ["server.crt", "server.key", "ca.crt"]) copyFileSync(pem(name), at(name));
  const file = at("web.yml");
  writeFileSync(file, yaml);
  const world = aWorld();
  const web = createWeb({ ...optionsOf(world), webConfigFile: file });
  context.after(() => web.close(0));
  const [address = ""] = await web.listen(httpAddresses("127.0.0.1:0"));
  return { port: Number(address.split(":")[1]), world, file, at };
}

interface TlsAnswer {
  readonly status: number;
  readonly subject: string;
}

/** One request over TLS, which trusts the tests' authority. */
async function askTls(port: number, tls: ConnectionOptions = {}): Promise<TlsAnswer> {
  const agent = new Agent({ keepAlive: false, ca: readFileSync(pem("ca.crt")), maxCachedSessions: 0, ...tls });
  const outgoing = request({ host: "127.0.0.1", port, path: "/-/healthy", agent });
  outgoing.end();
  const [incoming] = (await once(outgoing, "response")) as [IncomingMessage]; // the one argument of "response"
  const { socket } = incoming;
  assert.ok("getPeerX509Certificate" in socket && typeof socket.getPeerX509Certificate === "function");
  const { subject } = socket.getPeerX509Certificate();
  incoming.resume();
  await once(incoming, "end");
  return { status: incoming.statusCode ?? 0, subject };
}

const SERVER = "tls_server_config: { cert_file: server.crt, key_file: server.key";

describe("a web configuration", () => {
  test("that cannot be read, or names what cannot be read or used, stops the start with one line", async (context) => {
    const path = folder(context);
    const file = join(path, "web.yml");
    const start = async (): Promise<void> => {
      const web = createWeb({ ...optionsOf(aWorld()), webConfigFile: file });
      context.after(() => web.close(0));
      await web.listen(httpAddresses("127.0.0.1:0"));
    };
    await assert.rejects(start, {
      name: "WebConfigError",
      message: `${file}: --web.config.file: cannot read "${file}": no such file (ENOENT)`,
    });
    writeFileSync(file, `${SERVER} }`);
    await assert.rejects(start, /tls_server_config\.cert_file: cannot read ".*server\.crt": no such file \(ENOENT\)/);
    copyFileSync(pem("server.crt"), join(path, "server.crt"));
    copyFileSync(pem("renewed.key"), join(path, "server.key"));
    await assert.rejects(start, /expected a PEM certificate and the key that belongs to it: .*mismatch/);
    mkdirSync(join(path, "folder"));
    writeFileSync(file, `tls_server_config: { cert_file: folder, key_file: server.key }`);
    await assert.rejects(start, /cert_file: cannot read ".*folder": not a regular file/);
    execFileSync("mkfifo", [join(path, "pipe")]);
    writeFileSync(file, `tls_server_config: { cert_file: pipe, key_file: server.key }`);
    await assert.rejects(start, /cert_file: cannot read ".*pipe": not a regular file/);
    writeFileSync(file, `tls_server_config: { cert_file: /dev/zero, key_file: server.key }`);
    await assert.rejects(start, /cert_file: cannot read "\/dev\/zero": not a regular file/);
  });
});

describe("basic authentication", () => {
  const basic = (text: string) => ({ Authorization: `Basic ${Buffer.from(text).toString("base64")}` });

  test("lets in whoever has the password, to every path, and nobody else", async (context) => {
    const { port } = await secured(context, `basic_auth_users: { ali: "${ALI}" }`);
    for (const path of ["/metrics", "/", "/-/healthy", "/api/v1/groups", "/nowhere"]) {
      const refused = await ask({ port, path });
      assert.equal(refused.status, 401, path);
      assert.match(String(refused.headers["www-authenticate"]), /^Basic realm=/);
    }
    const status = async (headers: Record<string, string>) => (await ask({ port, path: "/metrics", headers })).status;
    assert.equal(await status(basic("ali:open sesame")), 200);
    assert.equal(await status(basic("ali:open sesame")), 200);
    assert.equal(await status(basic("ali:open sesam")), 401);
    assert.equal(await status(basic("ali")), 401);
    assert.equal(await status(basic("bob:open sesame")), 401);
    assert.equal(await status({ Authorization: "Bearer x" }), 401);
  });

  test("follows the file: a removed user is out, remembered or not", async (context) => {
    const { port, file, world } = await secured(context, `basic_auth_users: { ali: "${ALI}" }`);
    const get = async () => (await ask({ port, path: "/metrics", headers: basic("ali:open sesame") })).status;
    const becomes = (status: number, what: string) => until(async () => (await get()) === status, what);
    assert.equal(await get(), 200);
    writeFileSync(file, `basic_auth_users: { bob: "${ALI}" }`);
    await becomes(401, "another user");
    writeFileSync(file, `basic_auth_users: { ali: "${ALI}" }`);
    await becomes(200, "the former user");
    writeFileSync(file, `basic_auth_users: { ali: "${OTHER}" }`);
    await becomes(401, "another password");
    writeFileSync(file, "basic_auth_users: { ali: plain }");
    await until(() => world.log.some(({ level }) => level === "error"), "the log says that it is wrong");
    assert.equal(await get(), 401, "a wrong file changes nothing");
    writeFileSync(file, "basic_auth_users: {}");
    await becomes(200, "nobody is asked");
    assert.equal(world.log.filter(({ level }) => level === "error").length, 1);
  });

  test("is not asked for on the control socket", async (context) => {
    const path = folder(context);
    const file = join(path, "web.yml");
    writeFileSync(file, `basic_auth_users: { ali: "${ALI}" }`);
    const web = createWeb({ ...optionsOf(aWorld()), webConfigFile: file });
    context.after(() => web.close(0));
    await web.listen([], join(path, "control.sock"));
    assert.equal((await ask({ socketPath: join(path, "control.sock"), path: "/api/v1/groups" })).status, 200);
  });
});

test("headers of the configuration replace ours, and blank ones remove them", async (context) => {
  const headers = "{ X-Frame-Options: deny, X-Content-Type-Options: '', Strict-Transport-Security: max-age=60 }";
  const { port } = await secured(context, `http_server_config: { headers: ${headers} }`);
  const answer = await ask({ port, path: "/-/healthy" });
  assert.equal(answer.headers["x-frame-options"], "deny");
  assert.equal(answer.headers["x-content-type-options"], undefined);
  assert.equal(answer.headers["strict-transport-security"], "max-age=60");
});

describe("rate_limit", () => {
  test("answers 429 once the burst is used up", async (context) => {
    const { port } = await secured(context, "rate_limit: { interval: 1h, burst: 2 }");
    const statuses: number[] = [];
    for (let count = 0; count < 3; count++) statuses.push((await ask({ port, path: "/-/healthy" })).status);
    assert.deepEqual(statuses, [200, 200, 429]);
  });
});

describe("TLS", () => {
  test("serves with the certificate of the file, and not without TLS", async (context) => {
    const { port } = await secured(context, `${SERVER} }`);
    assert.deepEqual(await askTls(port), { status: 200, subject: "CN=server" });
    await assert.rejects(ask({ port, path: "/-/healthy" }));
  });

  test("takes a renewed certificate without a restart, and keeps the old one while the new pair is incomplete", async (context) => {
    const { port, at, world } = await secured(context, `${SERVER} }`);
    copyFileSync(pem("renewed.crt"), at("server.crt"));
    await until(
      () => world.log.some(({ level }) => level === "error"),
      "the log says that they do not belong together",
    );
    assert.equal((await askTls(port)).subject, "CN=server");
    copyFileSync(pem("renewed.key"), at("server.key"));
    await until(async () => (await askTls(port)).subject === "CN=renewed", "the renewed certificate");
    const loaded = world.log.filter(({ message }) => message === "web configuration reloaded").at(-1);
    assert.equal(loaded?.fields["certificate"], "CN=renewed");
    assert.match(String(loaded?.fields["not_after"]), /^21\d\d-/);
  });

  test("lets in only clients whose certificate the authority signed and whose name is allowed, and says why", async (context) => {
    const client = { cert: readFileSync(pem("client.crt")), key: readFileSync(pem("client.key")) };
    const stranger = { cert: readFileSync(pem("stranger.crt")), key: readFileSync(pem("stranger.key")) };
    const rules = "client_ca_file: ca.crt, client_auth_type: RequireAndVerifyClientCert";
    const { port, file, world } = await secured(context, `${SERVER}, ${rules} }`);
    const isLetIn = async (tls?: ConnectionOptions): Promise<boolean> =>
      (await askTls(port, tls).catch(() => undefined))?.status === 200;
    assert.ok(await isLetIn(client));
    assert.ok(!(await isLetIn()));
    assert.ok(!(await isLetIn(stranger)));
    const refused = world.log.filter(({ message }) => message === "client certificate refused");
    assert.equal(refused.length, 1, "one line, however many they are");
    assert.match(String(refused[0]?.fields["reason"]), /no certificate/);
    writeFileSync(file, `${SERVER}, ${rules}, client_allowed_sans: [somebody.else] }`);
    await until(async () => !(await isLetIn(client)), "a name that is not allowed");
    writeFileSync(file, `${SERVER}, ${rules}, client_allowed_sans: [prometheus.example] }`);
    await until(() => isLetIn(client), "a name that is allowed");
  });

  test("asks clients for what the file says now, without a restart", async (context) => {
    const stranger = { cert: readFileSync(pem("stranger.crt")), key: readFileSync(pem("stranger.key")) };
    const rules = "client_ca_file: ca.crt, client_auth_type: RequireAndVerifyClientCert";
    const { port, file } = await secured(context, `${SERVER}, ${rules} }`);
    const isLetIn = async (tls?: ConnectionOptions): Promise<boolean> =>
      (await askTls(port, tls).catch(() => undefined))?.status === 200;
    assert.ok(!(await isLetIn(stranger)));
    writeFileSync(file, `${SERVER}, client_auth_type: RequireAnyClientCert }`);
    await until(() => isLetIn(stranger), "any certificate");
    writeFileSync(file, `${SERVER}, client_auth_type: NoClientCert }`);
    await until(() => isLetIn(), "none at all");
    writeFileSync(file, `${SERVER}, ${rules} }`);
    await until(async () => !(await isLetIn()), "the first rules again");
  });

  test("compares addresses of a certificate as Go writes them", async (context) => {
    const path = folder(context);
    const [key, crt] = [join(path, "ip.key"), join(path, "ip.crt")];
    const names = "subjectAltName=IP:2001:db8::7,IP:192.0.2.7,DNS:a.example";
    const make = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"];
    execFileSync("openssl", [...make, "-subj", "/CN=ip", "-addext", names, "-keyout", key, "-out", crt], {
      stdio: "ignore",
    });
    const client = { cert: readFileSync(crt), key: readFileSync(key) };
    for (const [name, fits] of [
      ["2001:db8::7", true],
      ["2001:DB8:0:0:0:0:0:7", false],
      ["192.0.2.7", true],
      ["a.example", true],
      ["IP Address", false],
    ] as const) {
      const rules = `client_auth_type: RequireAnyClientCert, client_allowed_sans: ["${name}"]`;
      const { port } = await secured(context, `${SERVER}, ${rules} }`);
      assert.equal((await askTls(port, client).catch(() => undefined))?.status === 200, fits, name);
    }
  });

  test("speaks the versions and suites of the file", async (context) => {
    const suites = "cipher_suites: [TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384], curve_preferences: [CurveP384]";
    const { port } = await secured(
      context,
      `${SERVER}, max_version: TLS12, ${suites} }\nhttp_server_config: { http2: no }`,
    );
    assert.equal((await askTls(port, { ciphers: "ECDHE-ECDSA-AES256-GCM-SHA384" })).status, 200);
    await assert.rejects(askTls(port, { ciphers: "ECDHE-ECDSA-AES128-GCM-SHA256" }));
    await assert.rejects(askTls(port, { minVersion: "TLSv1.3" }));
    await assert.rejects(askTls(port, { ecdhCurve: "P-256" }));
  });
});
