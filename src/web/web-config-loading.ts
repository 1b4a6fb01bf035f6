/**
 * Reads a web configuration and every file that it names, and judges them as a whole: the one place where their content can be
 * wrong. Nothing that a file can hold, and nothing that a file system can answer, throws past it.
 */

import { createHash, X509Certificate } from "node:crypto";
import { dirname, resolve } from "node:path";
import type { SecureContextOptions } from "node:tls";
import { readText, type Stamp } from "../file-reading/file-reading.ts";
import { CIPHERS, CURVES, TLS13_CIPHERS, VERSIONS } from "./tls-names.ts";
import { hasClientCa, parseWebConfig, type TlsConfig, type WebConfig, WebConfigError } from "./web-config.ts";

/** The certificate that the server shows. */
export interface ServedCertificate {
  /** On one line; its other names when it has no subject. */
  readonly subject: string;
  readonly notAfterMs: number;
}

export interface LoadedTls {
  readonly config: TlsConfig;
  readonly context: SecureContextOptions;
  readonly certificate: ServedCertificate;
}

export interface LoadedWebConfig {
  readonly config: WebConfig;
  /** Undefined: plain HTTP. */
  readonly tls: LoadedTls | undefined;
  /** Two of the same were loaded from the same content. */
  readonly fingerprint: string;
}

/** `stamps`: of every file that was read or tried, from before it was read; the configuration's own comes first. */
export type Judgement = { readonly stamps: ReadonlyMap<string, Stamp> } & (
  | { readonly kind: "good"; readonly loaded: LoadedWebConfig }
  /** The message is one line. */
  | { readonly kind: "wrong"; readonly message: string }
  /** A file was written meanwhile. */
  | { readonly kind: "changing" }
);

class Changing extends Error {}

export async function loadWebConfig(path: string): Promise<Judgement> {
  const stamps = new Map<string, Stamp>();
  const hash = createHash("sha256");
  const read = async (file: string, what: string): Promise<string> => {
    const content = await readText(file);
    stamps.set(file, content.stamp);
    switch (content.kind) {
      case "text":
        hash.update(`${Buffer.byteLength(content.text)} ${content.text}`);
        return content.text;
      case "changing":
        throw new Changing();
      case "unreadable":
        throw new WebConfigError(`${path}: ${what}: cannot read ${shown(file, what)}: ${content.why}`);
      default:
        return content satisfies never;
    }
  };
  try {
    const config = parseWebConfig(await read(path, "--web.config.file"), path);
    const tls = config.tls && (await loadTls(config.tls, path, read));
    return { kind: "good", stamps, loaded: { config, tls, fingerprint: hash.digest("hex") } };
  } catch (error) {
    if (error instanceof Changing) return { kind: "changing", stamps };
    const message = error instanceof WebConfigError ? error.message : `${path}: cannot be used`;
    return { kind: "wrong", stamps, message };
  }
}

async function loadTls(
  tls: TlsConfig,
  path: string,
  read: (file: string, what: string) => Promise<string>,
): Promise<LoadedTls> {
  const pem = async (part: "cert" | "key" | "client_ca"): Promise<string> => {
    const file = tls[`${part}_file`];
    // Relative to the file that names it, as the shared format says.
    return file === "" ? tls[part] : read(resolve(dirname(path), file), `tls_server_config.${part}_file`);
  };
  const [cert, key, ca] = [await pem("cert"), await pem("key"), await pem("client_ca")];
  const [shown] = certificates(cert, path, "cert_file");
  if (hasClientCa(tls)) certificates(ca, path, "client_ca_file");
  const suites = tls.cipher_suites ?? [];
  const curves = tls.curve_preferences ?? [];
  const context: SecureContextOptions = {
    cert,
    key,
    ...(hasClientCa(tls) && { ca }),
    minVersion: VERSIONS[tls.min_version],
    maxVersion: VERSIONS[tls.max_version],
    honorCipherOrder: tls.prefer_server_cipher_suites,
    ...(suites.length > 0 && { ciphers: [...TLS13_CIPHERS, ...suites.map((name) => CIPHERS[name])].join(":") }),
    ...(curves.length > 0 && { ecdhCurve: curves.map((name) => CURVES[name]).join(":") }),
  };
  try {
    if (key.trim() === "") throw new Error("the key is empty");
    const { createSecureContext } = await import("node:tls"); // takes a while, and few need it
    createSecureContext(context);
  } catch (error) {
    const reason = error instanceof Error ? error.message : "unknown reason";
    throw new WebConfigError(
      `${path}: tls_server_config: expected a PEM certificate and the key that belongs to it: ${reason}`,
      { cause: error },
    );
  }
  const notAfterMs = Date.parse(shown.validTo);
  if (Number.isNaN(notAfterMs)) {
    const found = `found "${shown.validTo}"`;
    throw new WebConfigError(
      `${path}: tls_server_config.cert_file: expected a certificate that ends at a date: ${found}`,
    );
  }
  return { config: tls, context, certificate: { subject: subjectOf(shown), notAfterMs } };
}

/** Many certificates have no subject (RFC 5280, 4.1.2.6): then Node has undefined there, and their other names tell them apart. */
function subjectOf({ subject, subjectAltName }: Partial<Pick<X509Certificate, "subject" | "subjectAltName">>): string {
  return subject?.replaceAll("\n", ", ") ?? subjectAltName ?? "";
}

/** The name of a private key's file is not repeated: the key itself may stand in its place. */
function shown(file: string, what: string): string {
  return what === "tls_server_config.key_file" || file.length > 255 ? "the file that stands there" : `"${file}"`;
}

const PEM_BLOCK = /-----BEGIN (?:TRUSTED |X509 )?CERTIFICATE-----[^-]*-----END (?:TRUSTED |X509 )?CERTIFICATE-----/g;

/** Those of a PEM text, at least one. @throws WebConfigError */
function certificates(pem: string, path: string, key: string): [X509Certificate, ...X509Certificate[]] {
  try {
    const [first, ...more] = (pem.match(PEM_BLOCK) ?? []).map((block) => new X509Certificate(block));
    if (first === undefined) throw new Error("there is none");
    return [first, ...more];
  } catch (error) {
    const reason = error instanceof Error ? error.message : "unknown reason";
    throw new WebConfigError(`${path}: tls_server_config.${key}: expected certificates in PEM: ${reason}`, {
      cause: error,
    });
  }
}
