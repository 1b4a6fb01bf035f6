/**
 * The file of `--web.config.file`, in the format that all Prometheus exporters share (exporter-toolkit, web-configuration.md):
 * what it may say, and what is wrong with one that says something else. Reading the files that it names is web-config-file.ts.
 */

import { isMap, isNode, LineCounter, parseDocument } from "yaml";
import { z } from "zod";
import { CIPHERS, CLIENT_AUTH_TYPES, CURVES, VERSIONS } from "./tls-names.ts";

/** A web configuration that cannot be used. The message is one line: file, place, what is there and what would be right. */
export class WebConfigError extends Error {
  override readonly name = "WebConfigError";
}

const tlsSchema = z.strictObject({
  cert: z.string().optional(),
  cert_file: z.string().optional(),
  key: z.string().optional(),
  key_file: z.string().optional(),
  client_ca: z.string().optional(),
  client_ca_file: z.string().optional(),
  client_auth_type: z.enum(CLIENT_AUTH_TYPES).default("NoClientCert"),
  client_allowed_sans: z.array(z.string()).default([]),
  min_version: z.enum(namesOf(VERSIONS)).default("TLS12"),
  max_version: z.enum(namesOf(VERSIONS)).default("TLS13"),
  cipher_suites: z.array(z.enum(namesOf(CIPHERS))).default([]),
  prefer_server_cipher_suites: z.boolean().default(true),
  curve_preferences: z.array(z.enum(namesOf(CURVES))).default([]),
});

const headersSchema = z.strictObject({
  "Content-Security-Policy": z.string().optional(),
  "X-Frame-Options": z.enum(["deny", "sameorigin", ""]).optional(),
  "X-Content-Type-Options": z.enum(["nosniff", ""]).optional(),
  "X-XSS-Protection": z.string().optional(),
  "Strict-Transport-Security": z.string().optional(),
});

const schema = z.strictObject({
  tls_server_config: tlsSchema.optional(),
  http_server_config: z
    .strictObject({
      // Accepted, because the shared format has it; we speak HTTP/1.1 in any case.
      http2: z.boolean().default(true),
      headers: headersSchema.default({}),
    })
    .default({ http2: true, headers: {} }),
  basic_auth_users: z
    .record(z.string(), z.string().regex(/^\$2[aby]\$\d{2}\$[./A-Za-z0-9]{53}$/, "expected a bcrypt hash ($2y$10$…)"))
    .default({}),
  rate_limit: z
    .strictObject({
      interval: z
        .string()
        .regex(/^(\d+(\.\d+)?(ns|us|µs|ms|s|m|h))+$|^0$/, 'expected a duration such as "1s" or "100ms"'),
      burst: z.int().min(0),
    })
    .optional(),
});

export type WebConfig = z.infer<typeof schema>;
export type TlsConfig = z.infer<typeof tlsSchema>;

/** @throws WebConfigError; `file` is for its message. */
export function parseWebConfig(text: string, file: string): WebConfig {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const [broken] = document.errors;
  if (broken !== undefined)
    throw new WebConfigError(`${file}:${place(lines, broken.pos[0])}: ${oneLine(broken.message)}`);
  // An empty file is one that asks for nothing.
  const result = schema.safeParse(document.toJS() ?? {});
  if (result.success) {
    const problem = contradiction(result.data);
    if (problem !== undefined) throw new WebConfigError(`${file}: ${problem}`);
    return result.data;
  }
  const [issue] = result.error.issues;
  const path = issue?.path ?? [];
  // An unknown key is reported at the object that holds it; the reader wants to see the key.
  const key = issue?.code === "unrecognized_keys" ? issue.keys[0] : undefined;
  const full = key === undefined ? path : [...path, key];
  const offset = offsetOf(document.contents, full);
  const where = offset === undefined ? file : `${file}:${place(lines, offset)}`;
  const what = key === undefined ? oneLine(issue?.message ?? "") : `unknown key; known are ${knownKeys(path)}`;
  throw new WebConfigError(`${where}: ${full.map(String).join(".") || "the file"}: ${what}`);
}

/** What is right key by key and wrong together. */
function contradiction({ tls_server_config: tls }: WebConfig): string | undefined {
  if (tls === undefined) return undefined;
  for (const part of ["cert", "key", "client_ca"] as const) {
    if (tls[part] !== undefined && tls[`${part}_file`] !== undefined) {
      return `tls_server_config: ${part} and ${part}_file are both given; one is enough`;
    }
  }
  for (const part of ["cert", "key"] as const) {
    if ((tls[part] ?? tls[`${part}_file`]) === undefined) {
      return `tls_server_config: expected ${part}_file (or ${part}); TLS needs a certificate and its key`;
    }
  }
  const verifies =
    tls.client_auth_type === "RequireAndVerifyClientCert" || tls.client_auth_type === "VerifyClientCertIfGiven";
  const hasCa = (tls.client_ca ?? tls.client_ca_file) !== undefined;
  if (verifies && !hasCa) return `tls_server_config: client_auth_type ${tls.client_auth_type} needs client_ca_file`;
  if (hasCa && !verifies) {
    return "tls_server_config: client_ca_file is not used unless client_auth_type is RequireAndVerifyClientCert";
  }
  const requires =
    tls.client_auth_type === "RequireAndVerifyClientCert" || tls.client_auth_type === "RequireAnyClientCert";
  if (tls.client_allowed_sans.length > 0 && !requires) {
    return "tls_server_config: client_allowed_sans needs client_auth_type RequireAndVerifyClientCert";
  }
  if (VERSIONS[tls.min_version] > VERSIONS[tls.max_version]) {
    return `tls_server_config: min_version ${tls.min_version} is above max_version ${tls.max_version}`;
  }
  return undefined;
}

/** Where the key or value at that path begins; the nearest one above it when it has no place of its own. */
function offsetOf(contents: unknown, path: readonly PropertyKey[]): number | undefined {
  let node = contents;
  let offset = isNode(node) ? node.range?.[0] : undefined;
  for (const step of path) {
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => String(key) === String(step));
      if (pair === undefined) break;
      offset = isNode(pair.key) ? (pair.key.range?.[0] ?? offset) : offset;
      node = pair.value;
    } else break;
  }
  return offset;
}

function place(lines: LineCounter, offset: number): string {
  const { line, col } = lines.linePos(offset);
  return `${line}:${col}`;
}

function knownKeys(path: readonly PropertyKey[]): string {
  const [section, part] = path;
  if (section === "tls_server_config") return Object.keys(tlsSchema.shape).join(", ");
  if (part === "headers") return Object.keys(headersSchema.shape).join(", ");
  if (section === "http_server_config") return "http2, headers";
  if (section === "rate_limit") return "interval, burst";
  return Object.keys(schema.shape).join(", ");
}

function oneLine(text: string): string {
  return text.replace(/\s*\n\s*/g, " ");
}

function namesOf<Name extends string>(table: Readonly<Record<Name, string>>): [Name, ...Name[]] {
  // Object.keys() loses the names' type; none of the tables is empty.
  return Object.keys(table) as [Name, ...Name[]];
}
