import assert from "node:assert/strict";
import { once } from "node:events";
import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import type { IncomingMessage } from "node:http";
import { Agent, request } from "node:https";
import { join } from "node:path";
import { describe, type TestContext, test } from "node:test";
import type { ConnectionOptions } from "node:tls";
import { bucketOf, durationMs } from "#src/web/rate-limit.js";
import { createWeb } from "#src/web/web.js";
import { parseWebConfig, WebConfigError } from "#src/web/web-config.js";
import { httpAddresses } from "../support/net-address.ts";
import { root } from "../support/root.ts";
import { ask, aWorld, folder, optionsOf, type World } from "./client.ts";

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
  test("may be empty, and may say everything that the shared format has", () => {
    assert.deepEqual(parseWebConfig("", "web.yml").basic_auth_users, {});
    parseWebConfig(
      `
tls_server_config:
  cert_file: a.crt
  key_file: a.key
  client_ca_file: ca.crt
  client_auth_type: RequireAndVerifyClientCert
  client_allowed_sans: [prometheus.example]
  min_version: TLS12
  max_version: TLS13
  cipher_suites: [TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256]
  prefer_server_cipher_suites: true
  curve_preferences: [CurveP256, X25519]
http_server_config:
  http2: false
  headers: { X-Frame-Options: deny, Strict-Transport-Security: max-age=60 }
basic_auth_users: { ali: "${ALI}" }
rate_limit: { interval: 1s, burst: 20 }
`,
      "web.yml",
    );
  });

  for (const [text, message] of [
    [
      "tls: {}",
      "web.yml:1:1: tls: unknown key; known are tls_server_config, http_server_config, basic_auth_users, rate_limit",
    ],
    ["basic_auth_users:\n  ali: secret", /^web\.yml:2:3: basic_auth_users\.ali: expected a bcrypt hash/],
    [
      "tls_server_config:\n  cert_file: a\n  key_file: b\n  min_version: SSL3",
      /^web\.yml:4:3: tls_server_config\.min_version: .*"TLS12"/,
    ],
    ["tls_server_config:\n  cert_file: a", /^web\.yml: tls_server_config: expected key_file/],
    ["tls_server_config: { cert_file: a, key_file: b, cert: c }", /cert and cert_file are both given/],
    [
      "tls_server_config: { cert_file: a, key_file: b, client_ca_file: c }",
      /client_auth_type is RequireAndVerifyClientCert/,
    ],
    [
      "tls_server_config: { cert_file: a, key_file: b, client_auth_type: RequireAndVerifyClientCert }",
      /needs client_ca_file/,
    ],
    ["tls_server_config: { cert_file: a, key_file: b, client_allowed_sans: [x] }", /client_allowed_sans needs/],
    [
      "tls_server_config: { cert_file: a, key_file: b, min_version: TLS13, max_version: TLS12 }",
      /is above max_version/,
    ],
    ["rate_limit: { interval: soon, burst: 1 }", /^web\.yml:1:15: rate_limit\.interval: expected a duration/],
    ["a: [", /^web\.yml:1:5: /],
    ["- x", /^web\.yml:1:1: the file: /],
  ] as const) {
    test(`is refused when it is ${JSON.stringify(text)}`, () => {
      assert.throws(
        () => parseWebConfig(text, "web.yml"),
        (error: Error) => {
          assert.ok(error instanceof WebConfigError);
          assert.doesNotMatch(error.message, /\n/);
          if (typeof message === "string") assert.equal(error.message, message);
          else assert.match(error.message, message);
          return true;
        },
      );
    });
  }

  test("that cannot be read, or names what cannot be read or used, stops the start with one line", (context) => {
    const path = folder(context);
    const file = join(path, "web.yml");
    const create = () => createWeb({ ...optionsOf(aWorld()), webConfigFile: file });
    assert.throws(create, {
      name: "WebConfigError",
      message: `${file}: --web.config.file: cannot read "${file}" (ENOENT): expected a YAML file`,
    });
    writeFileSync(file, `${SERVER} }`);
    assert.throws(
      create,
      /tls_server_config\.cert_file: cannot read ".*server\.crt" \(ENOENT\): expected a readable PEM file/,
    );
    copyFileSync(pem("server.crt"), join(path, "server.crt"));
    copyFileSync(pem("renewed.key"), join(path, "server.key"));
    assert.throws(create, /expected a PEM certificate and the key that belongs to it: .*mismatch/);
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

  test("follows the file: a removed user is out at once, remembered or not", async (context) => {
    const { port, file, world } = await secured(context, `basic_auth_users: { ali: "${ALI}" }`);
    const get = async () => (await ask({ port, path: "/metrics", headers: basic("ali:open sesame") })).status;
    assert.equal(await get(), 200);
    writeFileSync(file, `basic_auth_users: { bob: "${ALI}" }`);
    assert.equal(await get(), 401);
    writeFileSync(file, `basic_auth_users: { ali: "${OTHER}" }`);
    assert.equal(await get(), 401, "the password has changed");
    writeFileSync(file, "basic_auth_users: { ali: plain }");
    assert.equal(await get(), 401, "a wrong file changes nothing");
    assert.equal(world.log.filter(({ level }) => level === "error").length, 1);
    writeFileSync(file, "basic_auth_users: {}");
    assert.equal(await get(), 200);
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

  test("gives back one request an interval, up to the burst", () => {
    const bucket = bucketOf({ interval: "100ms", burst: 2 }, 1000);
    const at = [1000, 1000, 1000, 1100, 1150, 1200, 9000, 9000, 9000];
    assert.deepEqual(
      at.map((now) => bucket?.take(now)),
      [true, true, false, true, false, true, true, true, false],
    );
    assert.equal(durationMs("1m30s"), 90_000);
    assert.equal(bucketOf({ interval: "0", burst: 0 }, 0), undefined);
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
    assert.equal((await askTls(port)).subject, "CN=server");
    assert.equal(world.log.filter(({ level }) => level === "error").length, 1);
    copyFileSync(pem("renewed.key"), at("server.key"));
    assert.equal((await askTls(port)).subject, "CN=renewed");
  });

  test("lets in only clients whose certificate the authority signed and whose name is allowed", async (context) => {
    const client = { cert: readFileSync(pem("client.crt")), key: readFileSync(pem("client.key")) };
    const stranger = { cert: readFileSync(pem("stranger.crt")), key: readFileSync(pem("stranger.key")) };
    const rules = "client_ca_file: ca.crt, client_auth_type: RequireAndVerifyClientCert";
    const { port, file } = await secured(context, `${SERVER}, ${rules} }`);
    assert.equal((await askTls(port, client)).status, 200);
    await assert.rejects(askTls(port));
    await assert.rejects(askTls(port, stranger));
    writeFileSync(file, `${SERVER}, ${rules}, client_allowed_sans: [somebody.else] }`);
    await assert.rejects(askTls(port, client));
    writeFileSync(file, `${SERVER}, ${rules}, client_allowed_sans: [prometheus.example] }`);
    assert.equal((await askTls(port, client)).status, 200);
  });

  test("speaks the versions and suites of the file", async (context) => {
    const suites = "cipher_suites: [TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384], curve_preferences: [CurveP384]";
    const { port } = await secured(context, `${SERVER}, max_version: TLS12, ${suites} }`);
    assert.equal((await askTls(port, { ciphers: "ECDHE-ECDSA-AES256-GCM-SHA384" })).status, 200);
    await assert.rejects(askTls(port, { ciphers: "ECDHE-ECDSA-AES128-GCM-SHA256" }));
    await assert.rejects(askTls(port, { minVersion: "TLSv1.3" }));
    await assert.rejects(askTls(port, { ecdhCurve: "P-256" }));
  });
});
