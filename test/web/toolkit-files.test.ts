/**
 * The web configurations in exporter-toolkit's own tests (web/testdata of its v0.17), one row each by the name that the file has there, with what its
 * programs do with it: a file of the same meaning, written anew, is taken or refused by ours, together with all that it names.
 */

import assert from "node:assert/strict";
import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { loadWebConfig } from "#src/web/web-config-loading.js";
import { root } from "../support/root.ts";
import { folder } from "./client.ts";

const CERTIFICATES = ["server.crt", "server.key", "ca.crt"];
const PAIR = "cert_file: server.crt, key_file: server.key";
const VERIFIED = "client_auth_type: RequireAndVerifyClientCert, client_ca_file: ca.crt";
const IF_GIVEN = "client_auth_type: VerifyClientCertIfGiven";
const HASH = "$2y$10$qRTBuFoULoYNA7AQ/F3ck.trZBPyjV64.oA4ZsSBCIWvXuvQlQTuu";
/** One of them has a cost of 18: theirs take seconds for each guess, ours do not let that user in. */
const USERS = `basic_auth_users: { alice: "${HASH}", bob: "${HASH.replace("$10$", "$18$")}", carol: "${HASH}" }`;

const tls = (rest: string, pair = PAIR): string => `tls_server_config: { ${[pair, rest].filter(Boolean).join(", ")} }`;
const headers = (rest: string): string => `http_server_config: { headers: { ${rest} } }`;
/** A PEM file within the configuration. */
const inline = (key: string, file: string) => (pem: (file: string) => string) => `${key}: ${JSON.stringify(pem(file))}`;

type Text = string | ((pem: (file: string) => string) => string);

/** What programs with exporter-toolkit start with. */
const TAKEN: Readonly<Record<string, Text>> = {
  "tls_config_noAuth.requireandverifyclientcert.good.yml": tls(VERIFIED),
  "tls_config_noAuth.requireanyclientcert.good.yml": tls("client_auth_type: RequireAnyClientCert"),
  "tls_config_noAuth.requireanyclientcertkeyinline.good.yml": (pem) =>
    tls("client_auth_type: RequireAnyClientCert", `cert_file: server.crt, ${inline("key", "server.key")(pem)}`),
  // Named bad, and started with all the same: nobody has a certificate that could be verified.
  "web_config_auth_clientCAs_missing.bad.yml": tls("client_auth_type: RequireAndVerifyClientCert"),
  // Bad for the client, whose certificate has another name.
  "web_config_auth_client_san.bad.yaml": tls(`${VERIFIED}, client_allowed_sans: [bad]`),
  "web_config_auth_client_san.good.yaml": tls(`${VERIFIED}, client_allowed_sans: [one, test3, two]`),
  "web_config_empty.yml": "",
  "web_config_headers.good.yml": headers(
    'X-Frame-Options: deny, Strict-Transport-Security: "max-age=31536000; includeSubDomains", X-Content-Type-Options: nosniff, X-XSS-Protection: 1, Content-Security-Policy: "default-src \'self\'"',
  ),
  "web_config_noAuth.good.blocking.yml": tls("client_auth_type: RequireAndVerifyClientCert"),
  "web_config_noAuth.good.yml": tls(IF_GIVEN),
  "web_config_noAuth_allCiphers.good.yml": tls(
    `${IF_GIVEN}, cipher_suites: [${["ECDSA", "RSA"]
      .flatMap((kind) =>
        [
          "AES_128_GCM_SHA256",
          "AES_256_GCM_SHA384",
          "CHACHA20_POLY1305_SHA256",
          "AES_128_CBC_SHA",
          "AES_256_CBC_SHA",
        ].map((suite) => `TLS_ECDHE_${kind}_WITH_${suite}`),
      )
      .join(", ")}, TLS_AES_128_GCM_SHA256, TLS_AES_256_GCM_SHA384, TLS_CHACHA20_POLY1305_SHA256]`,
  ),
  "web_config_noAuth_allCurves.good.yml": tls(
    `${IF_GIVEN}, curve_preferences: [CurveP256, CurveP384, CurveP521, X25519]`,
  ),
  "web_config_noAuth_noHTTP2.good.yml": `${tls(`${IF_GIVEN}, cipher_suites: [TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384], max_version: TLS12`)}\nhttp_server_config: { http2: false }`,
  "web_config_noAuth_someCiphers.good.yml": tls(
    `${IF_GIVEN}, cipher_suites: [TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384], min_version: TLS12, max_version: TLS12`,
  ),
  "web_config_noAuth_someCiphers_noOrder.good.yml": tls(
    `${IF_GIVEN}, cipher_suites: [TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384, TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256], prefer_server_cipher_suites: false, min_version: TLS12, max_version: TLS12`,
  ),
  "web_config_noAuth_someCurves.good.yml": tls(`${IF_GIVEN}, min_version: TLS13, curve_preferences: [CurveP521]`),
  "web_config_noAuth_tlsInline.good.yml": (pem) =>
    tls("", `${inline("cert", "server.crt")(pem)}, ${inline("key", "server.key")(pem)}`),
  "web_config_rate_limiter_nonblocking.yaml": "rate_limit: { interval: 0, burst: 0 }",
  "web_config_rate_limiter_one_second.yaml": 'rate_limit: { interval: "1s", burst: 0 }',
  "web_config_users.good.yml": `${tls("")}\n${USERS}`,
  "web_config_users_noTLS.good.yml": USERS,
};

/** What they refuse to start with. */
const REFUSED: Readonly<Record<string, string>> = {
  "web_config_auth_clientCAs_invalid.bad.yml": tls("client_ca_file: somefile"),
  "web_config_auth_user_list_invalid.bad.yml": `${tls("")}\nbasic_auth_users: { john: doe }`,
  "web_config_headers_content_type_options.bad.yml": headers("X-Content-Type-Options: sniff"),
  "web_config_headers_extra_header.bad.yml": headers("Content-Type: foo"),
  "web_config_headers_frame_options.bad.yml": headers("X-Frame-Options: foo"),
  "web_config_junk.yml": "hWkNKCp3fvIx3jKnsaBI\nTuEjdwNS8A2vYdFbiKqr\nay3RiOtykgt4m6m3KOol\n",
  "web_config_junk_key.yml": "tls_server_config: { cert_filse: server.crt }",
  "web_config_noAuth.bad.yml": tls("client_ca_file: /dev/null"),
  "web_config_noAuth_certPath_empty.bad.yml": 'tls_server_config: { cert_file: "", key_file: server.key }',
  "web_config_noAuth_certPath_invalid.bad.yml": "tls_server_config: { cert_file: somefile, key_file: server.key }",
  "web_config_noAuth_certPath_keyPath_empty.bad.yml":
    'tls_server_config: { cert_file: "", key_file: "", client_auth_type: x }',
  "web_config_noAuth_certPath_keyPath_invalid.bad.yml":
    "tls_server_config: { cert_file: somefile, key_file: somefile }",
  "web_config_noAuth_cert_empty.bad.yml": 'tls_server_config: { cert: "", key_file: server.key }',
  "web_config_noAuth_inventedCiphers.bad.yml": tls(
    `${IF_GIVEN}, cipher_suites: [TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA2048]`,
  ),
  "web_config_noAuth_inventedCurves.bad.yml": tls(`${IF_GIVEN}, curve_preferences: [CurveP257]`),
  "web_config_noAuth_keyPath_empty.bad.yml": 'tls_server_config: { cert_file: server.crt, key_file: "" }',
  "web_config_noAuth_keyPath_invalid.bad.yml": "tls_server_config: { cert_file: server.crt, key_file: somefile }",
  "web_config_noAuth_key_empty.bad.yml": 'tls_server_config: { cert_file: server.crt, key: "" }',
  "web_config_noAuth_noHTTP2Cipher.bad.yml": tls(
    `${IF_GIVEN}, cipher_suites: [TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384], max_version: TLS12`,
  ),
  "web_config_noAuth_wrongTLSVersion.bad.yml": tls(`${IF_GIVEN}, min_version: TLS111`),
};

describe("the web configurations of exporter-toolkit's tests", () => {
  for (const [kind, files] of [
    ["good", TAKEN],
    ["wrong", REFUSED],
  ] as const) {
    for (const [name, text] of Object.entries<Text>(files)) {
      test(`${name} is ${kind === "good" ? "taken" : "refused"}`, async (context) => {
        const path = folder(context);
        const certificate = (file: string): string => root("test", "web", "certificates", file);
        for (const file of CERTIFICATES) copyFileSync(certificate(file), join(path, file));
        const file = join(path, "web.yml");
        writeFileSync(file, typeof text === "string" ? text : text((pem) => readFileSync(certificate(pem), "utf8")));
        const judgement = await loadWebConfig(file);
        assert.equal(judgement.kind, kind, "message" in judgement ? judgement.message : "");
        if ("message" in judgement) assert.match(judgement.message, /^\S*web\.yml[:.]/);
      });
    }
  }
});
