/** What the web configuration asks of every request and every TLS connection, as it is in the file at that moment. */

import { createServer, type Server as HttpsServer } from "node:https";
import type { TLSSocket } from "node:tls";
import type { RequestHandler } from "express";
import type { Log } from "../log/log.ts";
import type { TokenBucket } from "../rate-limit/token-bucket.ts";
import { BasicAuth } from "./basic-auth.ts";
import type { ServerFactory } from "./listener.ts";
import { bucketOf } from "./rate-limit.ts";
import { HttpError } from "./routes.ts";
import type { TlsConfig } from "./web-config.ts";
import type { LoadedWebConfig, WebConfigFile } from "./web-config-file.ts";

/** Headers, rate limit and users. */
export function guardRequests(file: WebConfigFile): RequestHandler {
  const basicAuth = new BasicAuth();
  let loaded: LoadedWebConfig | undefined;
  let users: ReadonlyMap<string, string> = new Map();
  let bucket: TokenBucket | undefined;

  return async (request, response, next) => {
    const now = performance.now();
    const current = file.current();
    const { config } = current;
    if (current !== loaded) {
      loaded = current;
      users = new Map(Object.entries(config.basic_auth_users));
      bucket = bucketOf(config.rate_limit, now);
    }
    for (const [name, value] of Object.entries(config.http_server_config.headers)) {
      if (value) response.set(name, value);
      else if (value === "") response.removeHeader(name);
    }
    if (bucket?.take(now) === false) throw new HttpError(429, "Too many requests, try again later");
    if (users.size > 0) {
      const verdict = await basicAuth.check(users, request.get("Authorization"));
      if (verdict === "busy") throw new HttpError(503, "Too many passwords to check, try again later");
      if (verdict === "denied") {
        response.set("WWW-Authenticate", 'Basic realm="ipmp-exporter", charset="UTF-8"');
        throw new HttpError(401, "A user and password are needed");
      }
    }
    next();
  };
}

/** Makes HTTPS servers whose certificate and rules follow the file; undefined when the file has no TLS. */
export function tlsServers(file: WebConfigFile, log: Log): ServerFactory | undefined {
  const first = file.current();
  if (first.secureContext === undefined) return undefined;
  const asks = asksForCertificate(first.config.tls_server_config);
  return (options, listener) => {
    const server = createServer(
      // Whether a certificate is good enough is decided below, because it can change with the file.
      {
        ...options,
        ...first.secureContext,
        handshakeTimeout: options.headersTimeout ?? 10_000,
        requestCert: asks,
        rejectUnauthorized: false,
      },
      listener,
    );
    let loaded = first;
    const refresh = (): void => {
      const current = file.current();
      if (current === loaded) return;
      loaded = current;
      const { secureContext, config } = current;
      if (secureContext === undefined || asksForCertificate(config.tls_server_config) !== asks) {
        log.warn("turning TLS or client certificates on or off needs a restart");
      }
      if (secureContext !== undefined) server.setSecureContext(secureContext);
    };
    // Before Node's own listeners: the handshake that follows must see the new certificate, HTTP must not see a bad client.
    server.prependListener("connection", refresh);
    server.prependListener("secureConnection", (socket: TLSSocket) => {
      const tls = loaded.config.tls_server_config ?? first.config.tls_server_config;
      if (tls !== undefined && !acceptable(tls, socket)) socket.destroy();
    });
    return server satisfies HttpsServer;
  };
}

function asksForCertificate(tls: TlsConfig | undefined): boolean {
  return tls !== undefined && tls.client_auth_type !== "NoClientCert";
}

/** crypto/tls.ClientAuthType, after a handshake in which the client could offer a certificate. */
function acceptable(tls: TlsConfig, socket: TLSSocket): boolean {
  const certificate = socket.getPeerX509Certificate();
  switch (tls.client_auth_type) {
    case "NoClientCert":
    case "RequestClientCert":
      return true;
    case "VerifyClientCertIfGiven":
      return certificate === undefined || socket.authorized;
    case "RequireAnyClientCert":
      return certificate !== undefined && isAllowed(tls.client_allowed_sans, certificate.subjectAltName);
    case "RequireAndVerifyClientCert":
      return (
        certificate !== undefined && socket.authorized && isAllowed(tls.client_allowed_sans, certificate.subjectAltName)
      );
    default:
      return tls.client_auth_type satisfies never;
  }
}

/** `names` is OpenSSL's text: `DNS:a.example, IP Address:192.0.2.1`. An empty list allows everybody. */
function isAllowed(allowed: readonly string[], names = ""): boolean {
  if (allowed.length === 0) return true;
  const values = names.split(", ").map((name) => name.slice(name.indexOf(":") + 1));
  return values.some((value) => allowed.includes(value));
}
