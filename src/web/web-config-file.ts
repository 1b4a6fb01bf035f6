/**
 * The web configuration that is in force, and whoever wants to know when it changes. Its files are looked at several times a second,
 * apart from all requests, and what is found there is taken over when it is right as a whole. Otherwise the former stays, and the log
 * says why: a file in the making lets nobody in, and no content of a file stops the service.
 */

import { dirname, resolve } from "node:path";
import type { Log } from "../log/log.ts";
import { DEAREST } from "./bcrypt-hash.ts";
import { stampOf } from "../file-reading/file-reading.ts";
import type { ReloadState } from "./reload-state.ts";
import type { ClientAuthType } from "./tls-names.ts";
import { WebConfigError } from "./web-config.ts";
import { type Judgement, type LoadedWebConfig, loadWebConfig } from "./web-config-loading.ts";

/** Between two looks. A renewed certificate is served, and a removed user locked out, within a second. */
const LOOK_MS = 200;
/** The configuration's own file must have been left alone for so long: who writes it in place pauses for less. */
const SETTLED_MS = 300;
/** What is wrong for less than this is a file in the making, or a certificate whose key comes next, and not worth a line. */
const PATIENCE_MS = 1_000;
/** Two contents that were written this shortly after one another may have the same stamp. */
const RACY_MS = 100;

/** What is wrong with a web configuration and the files that it names, in one line; undefined when nothing is. */
export async function checkWebConfig(path: string): Promise<string | undefined> {
  const judged = await settled(path);
  return judged.kind === "wrong" ? judged.message : undefined;
}

/** The files of a web configuration that hold passwords' hashes or a private key, by their keys; none of one that cannot be used. */
export async function secretsOfWebConfig(path: string): Promise<{ readonly what: string; readonly path: string }[]> {
  const judged = await settled(path);
  if (judged.kind !== "good") return [];
  const { users, refusedUsers, tls } = judged.loaded.config;
  const secrets = [
    ...(users.size + refusedUsers > 0 ? ["users"] : []),
    ...(tls !== undefined && tls.key !== "" ? ["a private key"] : []),
  ];
  return [
    ...(secrets.length > 0 ? [{ what: `web.config_file, which has ${secrets.join(" and ")}`, path }] : []),
    ...(tls !== undefined && tls.key_file !== ""
      ? [{ what: "tls_server_config.key_file of web.config_file", path: resolve(dirname(path), tls.key_file) }]
      : []),
  ];
}

/** As it is once nobody is writing it any more. */
async function settled(path: string): Promise<Judgement> {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    const judged = await loadWebConfig(path);
    if (judged.kind !== "changing" || performance.now() > deadline) return judged;
  }
}

export class WebConfigFile {
  readonly #path: string;
  readonly #log: Log;
  readonly #changed = new Set<(loaded: LoadedWebConfig) => void>();
  #current: LoadedWebConfig;
  #state: ReloadState = { successful: true, succeededMs: Date.now() };
  /** Of the files behind the last judgement. */
  #stamps: Judgement["stamps"];
  /** The stamp of the configuration's own file that was seen last, and when it was seen first. */
  #own: { stamp: string; sinceMs: number };
  /** The last judgement has to be made again although nothing seems to have changed. */
  #again = true;
  /** What is wrong, since when, and whether the log has it. */
  #wrong: { message: string; sinceMs: number; said: boolean } | undefined;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  /** @throws WebConfigError when the file cannot be used. */
  static async open(path: string, log: Log): Promise<WebConfigFile> {
    const judged = await settled(path);
    if (judged.kind === "changing") throw new WebConfigError(`${path}: it is being written all the time`);
    if (judged.kind === "wrong") throw new WebConfigError(judged.message);
    return new WebConfigFile(path, log, judged.loaded, judged.stamps);
  }

  private constructor(path: string, log: Log, loaded: LoadedWebConfig, stamps: Judgement["stamps"]) {
    this.#path = path;
    this.#log = log;
    this.#current = loaded;
    this.#stamps = stamps;
    this.#own = { stamp: stamps.get(path)?.text ?? "", sinceMs: performance.now() };
    this.#tell("web configuration loaded");
    this.#lookLater();
  }

  /** The same object as before while nothing has changed. */
  get current(): LoadedWebConfig {
    return this.#current;
  }

  get state(): ReloadState {
    return this.#state;
  }

  /** `listener` is called after each change. */
  onChange(listener: (loaded: LoadedWebConfig) => void): void {
    this.#changed.add(listener);
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  #lookLater(): void {
    if (this.#closed) return;
    // A mount that does not answer keeps this waiting, and nothing else.
    this.#timer = setTimeout(() => {
      void this.#look()
        .catch(() => this.#refuse(`${this.#path}: cannot be used`, performance.now()))
        .finally(() => this.#lookLater());
    }, LOOK_MS).unref();
  }

  async #look(): Promise<void> {
    if (!this.#again && !(await this.#hasChanged())) return;
    const judged = await loadWebConfig(this.#path);
    if (this.#closed) return;
    const now = performance.now();
    this.#stamps = judged.stamps;
    const own = judged.stamps.get(this.#path)?.text ?? "";
    if (own !== this.#own.stamp) this.#own = { stamp: own, sinceMs: now };
    const racyAfter = Date.now() - RACY_MS;
    this.#again = judged.kind !== "good" || [...judged.stamps.values()].some(({ writtenMs }) => writtenMs > racyAfter);
    if (judged.kind === "changing") return;
    if (judged.kind === "wrong") return this.#refuse(judged.message, now);
    const { loaded } = judged;
    if (loaded.fingerprint === this.#current.fingerprint) return this.#isGood();
    const weaker = whatIsTakenAway(this.#current, loaded);
    if (weaker !== undefined) return this.#refuse(`${this.#path}: ${weaker}`, now);
    if (this.#ownHasChanged(loaded) && now - this.#own.sinceMs < SETTLED_MS) {
      this.#again = true;
      return;
    }
    this.#current = loaded;
    this.#isGood();
    this.#tell("web configuration reloaded");
    for (const listener of this.#changed) listener(loaded);
  }

  async #hasChanged(): Promise<boolean> {
    for (const [path, { text }] of this.#stamps) if ((await stampOf(path)).text !== text) return true;
    return false;
  }

  #ownHasChanged(loaded: LoadedWebConfig): boolean {
    return JSON.stringify(comparable(loaded)) !== JSON.stringify(comparable(this.#current));
  }

  #isGood(): void {
    this.#wrong = undefined;
    this.#state = { successful: true, succeededMs: Date.now() };
  }

  #refuse(message: string, now: number): void {
    this.#again = true;
    if (this.#wrong?.message !== message) this.#wrong = { message, sinceMs: now, said: false };
    if (this.#wrong.said || now - this.#wrong.sinceMs < PATIENCE_MS) return;
    this.#wrong.said = true;
    this.#state = { ...this.#state, successful: false };
    this.#log.error("web configuration is wrong, the former one stays", { file: this.#path, error: message });
  }

  #tell(message: string): void {
    const { config, tls } = this.#current;
    this.#log.info(message, {
      file: this.#path,
      tls: tls !== undefined,
      users: config.users.size,
      ...(tls && {
        certificate: tls.certificate.subject,
        not_after: new Date(tls.certificate.notAfterMs).toISOString(),
      }),
    });
    if (tls !== undefined && config.asksForHttp2)
      this.#log.warn("HTTP/2 is asked for, HTTP/1.1 is served", { file: this.#path });
    if (config.refusedUsers > 0) {
      const cost = `their bcrypt hashes have a cost above ${DEAREST}`;
      this.#log.error("users are refused", { file: this.#path, users: config.refusedUsers, because: cost });
    }
  }
}

function comparable({ config }: LoadedWebConfig) {
  return { ...config, headers: [...config.headers], users: [...config.users], given: [...config.given] };
}

/** How much a client has to prove, by client_auth_type. */
const DEMANDS: Readonly<Record<ClientAuthType, number>> = {
  "": 0,
  NoClientCert: 0,
  RequestClientCert: 0,
  VerifyClientCertIfGiven: 1,
  RequireClientCert: 2,
  RequireAnyClientCert: 2,
  RequireAndVerifyClientCert: 3,
};

/**
 * What `next` would no longer ask of clients without saying so: half of a file can be a valid one. What is taken away on purpose
 * stands there, as `basic_auth_users: {}` or as another client_auth_type.
 */
function whatIsTakenAway(now: LoadedWebConfig, next: LoadedWebConfig): string | undefined {
  const { given } = next.config;
  if ((now.tls === undefined) !== (next.tls === undefined)) {
    return `tls_server_config: turning TLS ${next.tls ? "on" : "off"} needs a restart`;
  }
  if (now.config.users.size > 0 && next.config.users.size === 0 && !given.has("basic_auth_users")) {
    return "basic_auth_users: there are none any more: expected users, or basic_auth_users: {} to let everybody in";
  }
  const demand = (loaded: LoadedWebConfig): number => DEMANDS[loaded.tls?.config.client_auth_type ?? ""];
  if (demand(next) < demand(now) && !given.has("tls_server_config.client_auth_type")) {
    return "tls_server_config.client_auth_type: it is not there any more: expected one, such as NoClientCert";
  }
  const limitsNames = ({ tls }: LoadedWebConfig): boolean => tls?.config.client_allowed_sans !== undefined;
  return limitsNames(now) && !limitsNames(next) && demand(next) > 0
    ? "tls_server_config.client_allowed_sans: it is not there any more: expected names, or a restart to allow all"
    : undefined;
}
