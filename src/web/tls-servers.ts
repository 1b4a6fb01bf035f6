/**
 * What the web configuration asks of every TLS connection, as it is in force at that moment. Loaded where TLS is configured: Node's own TLS
 * takes some ten milliseconds to load.
 */

import { createServer, type Server as HttpsServer } from "node:https";
import type { TLSSocket } from "node:tls";
import { parseIpAddress, unmapped } from "../net-address/ip-address.ts";
import type { ServerFactory } from "./listener.ts";
import { asksForCertificate, type TlsConfig } from "./web-config.ts";
import type { WebConfigFile } from "./web-config-file.ts";

/** Makes HTTPS servers whose certificate and rules follow the file. `refused` is told why a client was not let in. */
export function tlsServers(file: WebConfigFile, refused: (from: string, why: string) => void): ServerFactory {
  return (options, listener) => {
    let tls = file.current.tls;
    const server = createServer(
      // Whether a certificate is good enough is decided below, because it can change with the file.
      {
        ...options,
        ...tls?.context,
        handshakeTimeout: options.headersTimeout ?? 10_000,
        requestCert: tls !== undefined && asksForCertificate(tls.config),
        rejectUnauthorized: false,
      },
      listener,
    );
    file.onChange((loaded) => {
      if (loaded.tls === undefined) return; // turning TLS off needs a restart
      const sameRules = JSON.stringify(tls?.config) === JSON.stringify(loaded.tls.config);
      tls = loaded.tls;
      server.setSecureContext(tls.context);
      // Who was let in by other rules has to come again.
      if (!sameRules) server.closeIdleConnections();
      // Node has no setter for it, and reads it of the server at each connection (onConnection() in lib/_tls_wrap.js).
      Object.assign(server, { requestCert: asksForCertificate(tls.config) });
    });
    // Before Node's own listener: HTTP must not see a client that is not let in.
    server.prependListener("secureConnection", (socket: TLSSocket) => {
      const why = tls && whyRefused(tls.config, socket);
      if (why === undefined) return;
      refused(socket.remoteAddress ?? "a Unix socket", why);
      socket.destroy();
    });
    return server satisfies HttpsServer;
  };
}

/** crypto/tls.ClientAuthType and exporter-toolkit's client_allowed_sans, after a handshake in which the client could offer a certificate. */
function whyRefused(tls: TlsConfig, socket: TLSSocket): string | undefined {
  const certificate = socket.getPeerX509Certificate();
  const unverified = `its certificate is not verified: ${socket.authorizationError ?? "unknown reason"}`;
  switch (tls.client_auth_type) {
    case "":
    case "NoClientCert":
      return undefined;
    case "RequestClientCert":
      break;
    case "VerifyClientCertIfGiven":
      if (certificate !== undefined && !socket.authorized) return unverified;
      break;
    case "RequireClientCert":
    case "RequireAnyClientCert":
      if (certificate === undefined) return "it has no certificate";
      break;
    case "RequireAndVerifyClientCert":
      if (certificate === undefined) return "it has no certificate";
      if (!socket.authorized) return unverified;
      break;
    default:
      return tls.client_auth_type satisfies never;
  }
  const { client_allowed_sans: allowed } = tls;
  if (allowed === undefined || namesOf(certificate?.subjectAltName).some((name) => allowed.includes(name))) {
    return undefined;
  }
  return "its certificate has no name of client_allowed_sans";
}

/**
 * The names of a certificate as Go writes them, of OpenSSL's text: `DNS:a.example, IP Address:2001:DB8:0:0:0:0:0:7`. A name that
 * holds a comma or a quote is written as a JSON string there.
 */
function namesOf(subjectAltName = ""): string[] {
  const names = subjectAltName.matchAll(/(?:^|, )(DNS|email|URI|IP Address):("(?:[^"\\]|\\.)*"|[^,]*)/g);
  return [...names].map(([, kind, value = ""]) => {
    const name = value.startsWith('"') ? String(JSON.parse(value)) : value;
    return kind === "IP Address" ? ipText(name) : name;
  });
}

/** net.IP.String() of Go: shortened as RFC 5952 says, an IPv4 address within IPv6 as itself. */
function ipText(text: string): string {
  const address = parseIpAddress(text);
  return address === undefined ? text : unmapped(address);
}
