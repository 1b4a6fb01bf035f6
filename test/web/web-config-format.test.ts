/**
 * What a web configuration may say, as exporter-toolkit v0.17 has it: each row is a kind of file, and whether its programs start with it.
 * Cases of its own tests (web/tls_config_test.go) are among them, written anew.
 */

import assert from "node:assert/strict";
import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { parseWebConfig, WebConfigError } from "#src/web/web-config.js";
import { loadWebConfig } from "#src/web/web-config-loading.js";
import { root } from "../support/root.ts";
import { folder } from "./client.ts";

const HASH = "$2y$10$qRTBuFoULoYNA7AQ/F3ck.trZBPyjV64.oA4ZsSBCIWvXuvQlQTuu";
const PAIR = "cert_file: a.crt, key_file: a.key";
const tls = (rest: string): string => `tls_server_config: { ${PAIR}, ${rest} }`;

/** Files that programs start with. */
const GOOD: Readonly<Record<string, string>> = {
  "an empty file": "",
  "a comment": "# nothing\n",
  "empty sections": "tls_server_config:\nhttp_server_config:\nbasic_auth_users:\nrate_limit:\n",
  "sections without keys":
    "tls_server_config: {}\nhttp_server_config: { headers: {} }\nbasic_auth_users: {}\nrate_limit: {}\n",
  TLS: `tls_server_config: { ${PAIR} }`,
  "a key within": "tls_server_config: { cert_file: a.crt, key: x }",
  "both within": "tls_server_config: { cert: x, key: x }",
  "a file beside the same within: the file counts": tls("cert: x, key: x"),
  "rules of TLS without a certificate, which is plain HTTP": "tls_server_config: { min_version: TLS13 }",
  "a blank client_auth_type": tls('client_auth_type: ""'),
  NoClientCert: tls("client_auth_type: NoClientCert"),
  RequestClientCert: tls("client_auth_type: RequestClientCert"),
  "RequestClientCert with an authority": tls("client_auth_type: RequestClientCert, client_ca_file: ca.crt"),
  "RequireClientCert, an old name": tls("client_auth_type: RequireClientCert"),
  RequireAnyClientCert: tls("client_auth_type: RequireAnyClientCert"),
  "VerifyClientCertIfGiven without an authority": tls("client_auth_type: VerifyClientCertIfGiven"),
  "RequireAndVerifyClientCert without an authority": tls("client_auth_type: RequireAndVerifyClientCert"),
  "RequireAndVerifyClientCert with one": tls("client_auth_type: RequireAndVerifyClientCert, client_ca_file: ca.crt"),
  "names that are allowed": tls("client_auth_type: RequireAnyClientCert, client_allowed_sans: [one, 2]"),
  "names without a demand": tls("client_allowed_sans: [one]"),
  "all suites": tls(
    `cipher_suites: [${[
      "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
      "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
      "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
      "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
      "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
      "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
      "TLS_AES_128_GCM_SHA256",
      "TLS_AES_256_GCM_SHA384",
      "TLS_CHACHA20_POLY1305_SHA256",
      "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA",
      "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA",
      "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA",
      "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA",
    ].join(", ")}]`,
  ),
  "suites of which HTTP/2 needs one": tls("cipher_suites: [TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256], max_version: TLS12"),
  "suites that HTTP/2 does not need, without it": `${tls("cipher_suites: [TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384]")}\nhttp_server_config: { http2: false }`,
  "http2: no, as YAML 1.1 says false": "http_server_config: { http2: no }",
  "http2: Off": "http_server_config: { http2: Off }",
  "the client's order of suites": tls("prefer_server_cipher_suites: false"),
  "all curves": tls("curve_preferences: [CurveP256, CurveP384, CurveP521, X25519]"),
  headers: `http_server_config:
  headers:
    X-Frame-Options: deny
    Strict-Transport-Security: max-age=31536000; includeSubDomains
    X-Content-Type-Options: nosniff
    X-XSS-Protection: 1
    Content-Security-Policy: "default-src 'self' *.test.example.net"`,
  users: `basic_auth_users: { alice: "${HASH}", 7: "${HASH}" }`,
  "users, one of whom nobody can be": `basic_auth_users: { alice: "${HASH}", bob: "${HASH.replace("$10$", "$18$")}" }`,
  "a user called __proto__": `basic_auth_users: { __proto__: "${HASH}" }`,
  "a limit of nothing": "rate_limit: { interval: 0, burst: 0 }",
  "a limit with one key": "rate_limit: { burst: 3 }",
  "a limit with the other": "rate_limit: { interval: 1s }",
  "a limit in nanoseconds": "rate_limit: { interval: 1000000000, burst: 0 }",
  "durations as Go writes them": "rate_limit: { interval: 1h2m3.5s, burst: 0x10 }",
  "an alias": `basic_auth_users: { alice: &hash "${HASH}", bob: *hash }`,
  "a merge": `tls_server_config: { <<: &pair { ${PAIR} }, min_version: TLS13 }`,
};

/** Files that they refuse, and what we say of them. */
const BAD: Readonly<Record<string, readonly [text: string, message: RegExp]>> = {
  "no YAML": ["a: [", /^web\.yml:1:5: expected /],
  text: ["hWkNKCp3fvIx3jKnsaBI\nTuEjdwNS8A2vYdFbiKqr\n", /^web\.yml:1:1: expected an object$/],
  "a list": ["- x", /^web\.yml:1:1: expected an object$/],
  "a key that nobody knows": ["tls: {}", /^web\.yml:1:1: unknown key; known are tls_server_config, /],
  "a misspelt key": [
    "tls_server_config:\n  cert_filse: x",
    /^web\.yml:2:3: tls_server_config: unknown key; known are cert, /,
  ],
  "a key twice": ["rate_limit: {}\nrate_limit: {}", /expected each key once/],
  "a blank cert_file": ['tls_server_config: { cert_file: "", key_file: a.key }', /expected cert_file or cert$/],
  "a blank cert": ['tls_server_config: { cert: "", key_file: a.key }', /expected cert_file or cert$/],
  "a blank key_file": ['tls_server_config: { cert_file: a.crt, key_file: "" }', /expected key_file or key$/],
  "a blank key": ['tls_server_config: { cert_file: a.crt, key: "" }', /expected key_file or key$/],
  "no certificate": ["tls_server_config: { client_auth_type: RequireAnyClientCert }", /expected cert_file or cert$/],
  "a client_auth_type that nobody knows": [
    tls("client_auth_type: x"),
    /client_auth_type: expected one of .*"RequireAnyClientCert"/,
  ],
  "an authority that nobody is asked about": [tls("client_ca_file: ca.crt"), /client_ca_file is not used/],
  "the same said": [tls("client_ca_file: ca.crt, client_auth_type: NoClientCert"), /client_ca_file is not used/],
  "an invented suite": [
    tls("cipher_suites: [TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA2048]"),
    /cipher_suites: expected one of/,
  ],
  "suites that HTTP/2 needs others beside": [
    tls("cipher_suites: [TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384], max_version: TLS12"),
    /for HTTP\/2, or http2: false/,
  ],
  "an invented curve": [tls("curve_preferences: [CurveP257]"), /curve_preferences: expected one of "X25519"/],
  "an invented version": [tls("min_version: TLS111"), /min_version: expected one of "TLS10"/],
  "versions in the wrong order": [tls("min_version: TLS13, max_version: TLS12"), /not above max_version/],
  "a header that is not one of ours": [
    "http_server_config: { headers: { Content-Type: foo } }",
    /headers\.Content-Type: unknown key/,
  ],
  "a wrong X-Content-Type-Options": [
    "http_server_config: { headers: { X-Content-Type-Options: sniff } }",
    /expected one of "nosniff"/,
  ],
  "a wrong X-Frame-Options": [
    "http_server_config: { headers: { X-Frame-Options: foo } }",
    /expected one of "deny", "sameorigin"/,
  ],
  "a header with a line break": [
    'http_server_config: { headers: { X-XSS-Protection: "1\\r\\nX: y" } }',
    /X-XSS-Protection: expected text that a header can hold/,
  ],
  "http2 in quotes": ['http_server_config: { http2: "no" }', /http2: expected true or false/],
  "a password that is no hash": [
    "basic_auth_users:\n  john: doe",
    /^web\.yml:2:9: basic_auth_users: expected a bcrypt hash/,
  ],
  "no password": ["basic_auth_users: { john: }", /basic_auth_users: expected a bcrypt hash/],
  "a cost that bcrypt does not have": [
    `basic_auth_users: { john: "${HASH.replace("$10$", "$99$")}" }`,
    /of cost 4 to 14$/,
  ],
  "a cost that takes seconds": [`basic_auth_users: { john: "${HASH.replace("$10$", "$15$")}" }`, /of cost 14 at most/],
  "__proto__ with a password that is no hash": ["basic_auth_users: { __proto__: doe }", /expected a bcrypt hash/],
  "no duration": [
    "rate_limit: { interval: soon, burst: 1 }",
    /^web\.yml:1:25: rate_limit\.interval: expected a duration/,
  ],
  "half a request": ["rate_limit: { interval: 1s, burst: x }", /burst: expected a whole number/],
  "a number in quotes": ['rate_limit: { interval: 1s, burst: "1" }', /burst: expected a whole number/],
  "minutes and seconds, which Go does not count in sixties": [
    "rate_limit: { interval: 1s, burst: 1:30 }",
    /burst: expected a whole number/,
  ],
  "a user twice": [`basic_auth_users: { yes: "${HASH}", yes: "${HASH}" }`, /expected each key once/],
  "an alias of nothing": ["basic_auth_users: *word", /^web\.yml:1:19: expected an alias of an earlier anchor$/],
  "an alias of itself": ["tls_server_config: &a { <<: *a }", /expected/],
  "merges of merges": [
    `a: &a { x: 1 }\n${Array.from("bcdefghijklmnop", (name, index) => `${name}: &${name} { <<: [${Array(9).fill(`*${"abcdefghijklmno"[index]}`).join(", ")}] }`).join("\n")}\ntls_server_config: *p`,
    /expected|unknown key/,
  ],
};

describe("a web configuration that programs with exporter-toolkit start with", () => {
  for (const [what, text] of Object.entries(GOOD)) {
    test(`is taken: ${what}`, () => void parseWebConfig(text, "web.yml"));
  }
});

describe("a web configuration that they refuse", () => {
  for (const [what, [text, message]] of Object.entries(BAD)) {
    test(`is refused with one line: ${what}`, () => {
      assert.throws(
        () => parseWebConfig(text, "web.yml"),
        (error: Error) => {
          assert.ok(error instanceof WebConfigError);
          assert.match(error.message, message);
          assert.doesNotMatch(error.message, /\n/);
          return true;
        },
      );
    });
  }
});

test("values are read as Go reads them", () => {
  const { rateLimit, users, refusedUsers } = parseWebConfig(
    `basic_auth_users: { __proto__: "${HASH}", 7: "${HASH}", bob: "${HASH.replace("$10$", "$18$")}" }
rate_limit: { interval: 1m30.5s, burst: 0x10 }`,
    "web.yml",
  );
  assert.deepEqual(rateLimit, { intervalMs: 90_500, burst: 16 });
  assert.deepEqual([...users.keys()], ["__proto__", "7"]);
  assert.equal(refusedUsers, 1);
});

test("a name is the text that it was written as, whatever else YAML 1.1 would make of it", () => {
  const names = ["yes", "true", "no", "~", "7", "07", "0x7", "1_0", "10", "1.0", "2001-01-01", "=", "<"];
  const { users } = parseWebConfig(
    `basic_auth_users: { ${names.map((name) => `${name}: "${HASH}"`).join(", ")} }`,
    "web.yml",
  );
  assert.deepEqual([...users.keys()], names);
});

test("a number is the one that YAML 1.1 reads", () => {
  for (const [text, burst] of [
    ["12", 12],
    ["+1_000", 1000],
    ["017", 15],
    ["0b101", 5],
    ["0x1F", 31],
    ["-3", -3],
  ] as const) {
    assert.equal(parseWebConfig(`rate_limit: { interval: 1s, burst: ${text} }`, "web.yml").rateLimit?.burst, burst);
  }
});

test("nothing that stands where a secret may is ever repeated", () => {
  const secret = "S3cretMarker";
  for (const text of [
    `basic_auth_users: ${secret}`,
    `basic_auth_users: [${secret}]`,
    `basic_auth_users: { ali: ${secret} }`,
    `basic_auth_users: { ${secret}: x }`,
    `basic_auth_users: *${secret}`,
    `basic_auth_users: { ali: !${secret} x }`,
    `basic_auth_users: { ali: "${secret} }`,
    `basic_auth_users: { ${secret}: { x: y } }`,
    `tls_server_config: { key: [${secret}] }`,
    `tls_server_config: { ${secret}: x }`,
    `tls_server_config: ${secret}`,
    `tls_server_config:\n  key: |\n  ${secret}\n${secret}`,
    `tls_server_config: { cert: x, key: ${secret}, min_version: ${secret} }`,
    `rate_limit: { interval: ${secret} }`,
    `${secret}: x`,
    secret,
  ]) {
    assert.throws(
      () => parseWebConfig(text, "web.yml"),
      ({ message }: Error) => !message.includes(secret),
      text,
    );
  }
});

describe("material of TLS that holds nothing", () => {
  for (const [what, broken] of [
    ["a certificate", "server.crt"],
    ["a key", "server.key"],
    ["an authority", "ca.crt"],
  ] as const) {
    test(`is refused: ${what}`, async (context) => {
      const path = folder(context);
      for (const name of ["server.crt", "server.key", "ca.crt"]) {
        copyFileSync(root("test", "web", "certificates", name), join(path, name));
      }
      const file = join(path, "web.yml");
      const rules = "client_ca_file: ca.crt, client_auth_type: RequireAndVerifyClientCert";
      writeFileSync(file, `tls_server_config: { cert_file: server.crt, key_file: server.key, ${rules} }`);
      assert.equal((await loadWebConfig(file)).kind, "good");
      for (const text of ["", "\n", "-----BEGIN CERTIFICATE-----\n"]) {
        writeFileSync(join(path, broken), text);
        assert.equal((await loadWebConfig(file)).kind, "wrong");
      }
    });
  }
});

describe("a certificate that TLS takes", () => {
  const pem = (name: string): string => root("test", "web", "certificates", name);

  test("is refused when its end is no date", async (context) => {
    const path = folder(context);
    const file = join(path, "web.yml");
    copyFileSync(pem("server.key"), join(path, "server.key"));
    writeFileSync(join(path, "server.crt"), endingInMonth13(readFileSync(pem("server.crt"), "utf8")));
    writeFileSync(file, "tls_server_config: { cert_file: server.crt, key_file: server.key }");
    const judged = await loadWebConfig(file);
    assert.equal(
      judged.kind === "wrong" && judged.message,
      `${file}: tls_server_config.cert_file: expected a certificate that ends at a date: found "Bad time value"`,
    );
  });

  test("is taken without a subject, and goes by its other names", async (context) => {
    const file = join(folder(context), "web.yml");
    writeFileSync(file, `tls_server_config: { cert_file: "${pem("nameless.crt")}", key_file: "${pem("server.key")}" }`);
    const judged = await loadWebConfig(file);
    assert.equal(
      judged.kind === "good" && judged.loaded.tls?.certificate.subject,
      "DNS:localhost, IP Address:127.0.0.1",
    );
  });
});

/** The same certificate, whose notAfter has the month 13; nobody checks the signature of what he serves. */
function endingInMonth13(certificate: string): string {
  const der = Buffer.from(certificate.replaceAll(/-----.*-----|\s/g, ""), "base64").toString("latin1");
  const body = Buffer.from(der.replace("21200101000000Z", "21201301000000Z"), "latin1").toString("base64");
  return `-----BEGIN CERTIFICATE-----\n${body.replaceAll(/.{64}/g, "$&\n")}\n-----END CERTIFICATE-----\n`;
}
