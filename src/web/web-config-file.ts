/**
 * The web configuration as it is on disk now: read again when it or a file that it names has changed, so that a renewed
 * certificate or a new user needs no restart. A change for the worse is said in the log, and what was good stays.
 */

import { readFileSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { createSecureContext, type SecureContextOptions } from "node:tls";
import type { Log } from "../log/log.ts";
import { CIPHERS, CURVES, TLS13_CIPHERS, VERSIONS } from "./tls-names.ts";
import { parseWebConfig, type TlsConfig, type WebConfig, WebConfigError } from "./web-config.ts";

export interface LoadedWebConfig {
  readonly config: WebConfig;
  /** Undefined: plain HTTP. */
  readonly secureContext: SecureContextOptions | undefined;
}

export class WebConfigFile {
  readonly #path: string;
  readonly #log: Log;
  /** Files that were read, or tried, for what is loaded now. */
  #files: string[] = [];
  #stamp: string;
  #loaded: LoadedWebConfig;

  /** @throws WebConfigError */
  constructor(path: string, log: Log) {
    this.#path = path;
    this.#log = log;
    this.#loaded = this.#load();
    this.#stamp = this.#stampNow();
  }

  /** Costs a stat() per file. The same object as before while nothing has changed. */
  current(): LoadedWebConfig {
    const stamp = this.#stampNow();
    if (stamp === this.#stamp) return this.#loaded;
    try {
      this.#loaded = this.#load();
      this.#log.info("web configuration reloaded", { file: this.#path });
    } catch (error) {
      if (!(error instanceof WebConfigError)) throw error;
      this.#log.error("web configuration is wrong, the former one stays", { file: this.#path, error: error.message });
    }
    this.#stamp = this.#stampNow();
    return this.#loaded;
  }

  #load(): LoadedWebConfig {
    this.#files = [this.#path];
    const config = parseWebConfig(this.#read(this.#path, "--web.config.file", "a YAML file"), this.#path);
    const { tls_server_config: tls } = config;
    return { config, secureContext: tls === undefined ? undefined : this.#secureContext(tls) };
  }

  #secureContext(tls: TlsConfig): SecureContextOptions {
    const pem = (part: "cert" | "key" | "client_ca"): string | undefined => {
      const file = tls[`${part}_file`];
      if (file === undefined) return tls[part];
      // Relative to the file that names it, as the shared format says.
      return this.#read(resolve(dirname(this.#path), file), `tls_server_config.${part}_file`, "a readable PEM file");
    };
    const ca = pem("client_ca");
    const options: SecureContextOptions = {
      cert: pem("cert"),
      key: pem("key"),
      ...(ca !== undefined && { ca }),
      minVersion: VERSIONS[tls.min_version],
      maxVersion: VERSIONS[tls.max_version],
      honorCipherOrder: tls.prefer_server_cipher_suites,
      ...(tls.cipher_suites.length > 0 && {
        ciphers: [...TLS13_CIPHERS, ...tls.cipher_suites.map((name) => CIPHERS[name])].join(":"),
      }),
      ...(tls.curve_preferences.length > 0 && {
        ecdhCurve: tls.curve_preferences.map((name) => CURVES[name]).join(":"),
      }),
    };
    try {
      createSecureContext(options);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new WebConfigError(
        `${this.#path}: tls_server_config: expected a PEM certificate and the key that belongs to it: ${reason}`,
        { cause: error },
      );
    }
    return options;
  }

  #read(path: string, what: string, right: string): string {
    if (path !== this.#path) this.#files.push(path);
    try {
      return readFileSync(path, "utf8");
    } catch (error) {
      const code = error instanceof Error && "code" in error ? String(error.code) : String(error);
      throw new WebConfigError(`${this.#path}: ${what}: cannot read "${path}" (${code}): expected ${right}`, {
        cause: error,
      });
    }
  }

  #stampNow(): string {
    return this.#files
      .map((path) => {
        const found = statSync(path, { throwIfNoEntry: false, bigint: true });
        return found === undefined ? "-" : `${found.ino}.${found.size}.${found.mtimeNs}.${found.ctimeNs}`;
      })
      .join();
  }
}
