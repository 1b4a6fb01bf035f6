/**
 * The file of `--web.config.file`, in the format that all Prometheus exporters share (exporter-toolkit, web-configuration.md):
 * what it may say, and what is wrong with one that says something else. Reading it and the files that it names is
 * web-config-loading.ts.
 */

import { validateHeaderValue } from "node:http";
import { COSTS, costOf, DEAREST } from "./bcrypt-hash.ts";
import {
  choice,
  type Decoded,
  decode,
  durationMs,
  flag,
  list,
  object,
  record,
  scalar,
  text,
  type Wrong,
  wholeNumber,
} from "./go-yaml.ts";
import { CIPHERS, CLIENT_AUTH_TYPES, CURVES, VERSIONS } from "./tls-names.ts";

/** A web configuration that cannot be used. The message is one line: file, place, key and what would be right. */
export class WebConfigError extends Error {
  override readonly name = "WebConfigError";
}

const tlsForm = object(
  {
    cert: { form: text },
    cert_file: { form: text },
    key: { form: text },
    key_file: { form: text },
    client_ca: { form: text },
    client_ca_file: { form: text },
    client_auth_type: { form: choice(CLIENT_AUTH_TYPES, "") },
    client_allowed_sans: { form: list(text) },
    min_version: { form: choice(namesOf(VERSIONS), "TLS12"), standard: "TLS12" },
    max_version: { form: choice(namesOf(VERSIONS), "TLS13"), standard: "TLS13" },
    cipher_suites: { form: list(choice(namesOf(CIPHERS), "TLS_AES_128_GCM_SHA256")) },
    prefer_server_cipher_suites: { form: flag, standard: true },
    curve_preferences: { form: list(choice(namesOf(CURVES), "X25519")) },
  },
  // A private key may stand here, and with one space too few its lines are keys.
  { quotesKeys: false },
);

const headersForm = object(
  {
    "Content-Security-Policy": { form: text },
    "X-Frame-Options": { form: choice(["deny", "sameorigin", ""], "") },
    "X-Content-Type-Options": { form: choice(["nosniff", ""], "") },
    "X-XSS-Protection": { form: text },
    "Strict-Transport-Security": { form: text },
  },
  { quotesKeys: true },
);

const A_HASH = `a bcrypt hash ($2y$10$…) of cost ${COSTS.least} to ${DEAREST}`;
const hashForm = scalar("", A_HASH, (value) => {
  const cost = costOf(value);
  return cost >= COSTS.least && cost <= COSTS.most ? value : undefined;
});

const fileForm = object(
  {
    tls_server_config: { form: tlsForm },
    http_server_config: {
      form: object({ http2: { form: flag, standard: true }, headers: { form: headersForm } }, { quotesKeys: true }),
      standard: { http2: true, headers: headersForm.zero },
    },
    basic_auth_users: { form: record(hashForm) },
    rate_limit: {
      form: object({ interval: { form: durationMs }, burst: { form: wholeNumber } }, { quotesKeys: true }),
    },
  },
  // Users may stand here, when their lines are not indented.
  { quotesKeys: false },
);

type File = typeof fileForm.zero;
export type TlsConfig = File["tls_server_config"];

export interface WebConfig {
  /** Undefined: plain HTTP. */
  readonly tls: TlsConfig | undefined;
  /** Headers to set on every answer; an empty one removes ours. */
  readonly headers: ReadonlyMap<string, string>;
  /** bcrypt hashes by user. */
  readonly users: ReadonlyMap<string, string>;
  /** Users whose hash takes so long to compare that nobody can log in as them. */
  readonly refusedUsers: number;
  /** Undefined: no limit. */
  readonly rateLimit: { readonly intervalMs: number; readonly burst: number } | undefined;
  /** HTTP/2 is asked for by name. */
  readonly asksForHttp2: boolean;
  /** Keys with something after them. */
  readonly given: ReadonlySet<string>;
}

/** @throws WebConfigError; `file` is for its message. */
export function parseWebConfig(source: string, file: string): WebConfig {
  const decoded = decode(source, fileForm);
  if ("problem" in decoded) throw new WebConfigError(explain(file, decoded));
  const problem = PROBLEMS.map((find) => find(decoded)).find((found) => found !== undefined);
  if (problem !== undefined) throw new WebConfigError(`${file}: ${problem}`);
  const {
    tls_server_config: tls,
    http_server_config: http,
    basic_auth_users: hashes,
    rate_limit: rate,
  } = decoded.value;
  const users = new Map([...hashes].filter(([, hash]) => costOf(hash) <= DEAREST));
  return {
    tls: isEnabled(tls) ? tls : undefined,
    headers: givenHeaders(decoded),
    users,
    refusedUsers: hashes.size - users.size,
    rateLimit: rate.interval <= 0 ? undefined : { intervalMs: rate.interval, burst: rate.burst },
    asksForHttp2: http.http2 && decoded.given.has("http_server_config.http2"),
    given: decoded.given,
  };
}

function explain(file: string, { line, column, key, problem }: Wrong): string {
  return `${file}:${line}:${column}: ${key === "" ? "" : `${key}: `}${problem}`;
}

type Problem = (decoded: Decoded<File>) => string | undefined;

/** What is right key by key and wrong together, as exporter-toolkit finds it; undefined where nothing is. */
const PROBLEMS: readonly Problem[] = [
  ({ value: { tls_server_config: tls } }) => {
    if (!isEnabled(tls)) return undefined;
    if (tls.cert_file === "" && tls.cert === "") return "tls_server_config: expected cert_file or cert";
    return tls.key_file === "" && tls.key === "" ? "tls_server_config: expected key_file or key" : undefined;
  },
  ({ value: { tls_server_config: tls } }) => {
    return hasClientCa(tls) && !asksForCertificate(tls)
      ? "tls_server_config: client_ca_file is not used: expected a client_auth_type such as RequireAndVerifyClientCert beside it"
      : undefined;
  },
  ({ value: { tls_server_config: tls } }) =>
    VERSIONS[tls.min_version] > VERSIONS[tls.max_version]
      ? "tls_server_config: expected a min_version that is not above max_version"
      : undefined,
  // Go's net/http2: HTTP/2 (RFC 9113, 9.2.2) needs one of them where TLS 1.2 is possible.
  ({ value: { tls_server_config: tls, http_server_config: http } }) => {
    const suites = tls.cipher_suites ?? [];
    if (!isEnabled(tls) || !http.http2 || suites.length === 0 || tls.min_version === "TLS13") return undefined;
    const needed = ["TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"];
    return suites.some((suite) => needed.includes(suite))
      ? undefined
      : `tls_server_config.cipher_suites: expected one of ${needed.join(", ")} for HTTP/2, or http2: false`;
  },
  (decoded) => {
    for (const [name, value] of givenHeaders(decoded)) {
      try {
        validateHeaderValue(name, value);
      } catch {
        return `http_server_config.headers.${name}: expected text that a header can hold, without line breaks`;
      }
    }
    return undefined;
  },
  ({ value: { basic_auth_users: users } }) =>
    [...users.values()].includes("") ? `basic_auth_users: expected ${A_HASH} for each user` : undefined,
  ({ value: { basic_auth_users: users } }) =>
    users.size > 0 && [...users.values()].every((hash) => costOf(hash) > DEAREST)
      ? `basic_auth_users: expected bcrypt hashes of cost ${DEAREST} at most: a dearer one takes seconds to compare`
      : undefined,
];

/** TLSConfig.IsEnabled() of exporter-toolkit. */
function isEnabled(tls: TlsConfig): boolean {
  const { cert, cert_file, key, key_file, client_ca, client_ca_file, client_auth_type } = tls;
  return [cert, cert_file, key, key_file, client_ca, client_ca_file, client_auth_type].some((value) => value !== "");
}

export function hasClientCa(tls: TlsConfig): boolean {
  return tls.client_ca !== "" || tls.client_ca_file !== "";
}

/** Whether clients are asked for a certificate. */
export function asksForCertificate({ client_auth_type: type }: TlsConfig): boolean {
  return type !== "" && type !== "NoClientCert";
}

/** Those that are in the file; a key with nothing after it is a blank one. */
function givenHeaders({ value, given }: Decoded<File>): ReadonlyMap<string, string> {
  const { headers } = value.http_server_config;
  return new Map(
    Object.entries(headers).filter(([name, text]) => text !== "" || given.has(`http_server_config.headers.${name}`)),
  );
}

function namesOf<Name extends string>(table: Readonly<Record<Name, string>>): readonly Name[] {
  return Object.keys(table) as Name[]; // Object.keys() loses the names' type
}
