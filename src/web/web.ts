/**
 * The HTTP server: telemetry, health, API and the page on the addresses of the configuration, and the same with control over
 * interfaces on a Unix socket. It renders snapshots that it is given and knows nothing of how they are made.
 */

import type { TrafficRecord } from "../snapshot/traffic.ts";
import { requireAccess } from "./access.ts";
import { type AppOptions, type Control, createApp } from "./app.ts";
import { BasicAuth } from "./basic-auth.ts";
import { within } from "./connections.ts";
import { descriptorLimit } from "./descriptor-limit.ts";
import { EventStreams, STREAM_LIMITS, type StreamLimits } from "./event-streams.ts";
import { formatListenAddress, type ListenAddress, listenError } from "./listen-address.ts";
import { LIMITS, type Limits, Listener, type Served, type ServerFactory } from "./listener.ts";
import { loadAssets } from "./page/assets.ts";
import { type EarlierTraffic, TrafficHistories } from "./page/traffic-history.ts";
import { pageUrl } from "./page-url.ts";
import { createProcessMetrics } from "./process-metrics.ts";
import type { ReloadState } from "./reload-state.ts";
import { SparseLog } from "./sparse-log.ts";
import { WebConfigFile } from "./web-config-file.ts";
import type { WebState } from "./web-metrics.ts";

export type { Control, ControlOutcome, Phase, ReloadOutcome } from "./app.ts";
export { type ListenAddress, ListenError } from "./listen-address.ts";
export type { ReloadState } from "./reload-state.ts";
export { WebConfigError } from "./web-config.ts";
export { checkWebConfig, secretsOfWebConfig } from "./web-config-file.ts";

export interface WebOptions
  extends Omit<AppOptions, "streams" | "traffic" | "assets" | "responseDeadlineMs" | "processMetrics"> {
  readonly control: Control;
  /** Whether `process_*`, `nodejs_*`, the build and the server's own are among the metrics. */
  readonly exporterMetrics: boolean;
  /** Whether `/-/reload` is served elsewhere than on our own Unix sockets too. */
  readonly enableLifecycle: boolean;
  /** How reloads of the configuration have fared. */
  readonly reloadState: () => ReloadState;
  /** Lines of the log that were lost so far. */
  readonly logLinesDropped: () => number;
  /** exporter-toolkit's file: TLS, users, headers. It concerns the addresses, not the control socket. */
  readonly webConfigFile?: string;
  /** What the page's plots begin with. */
  readonly earlierTraffic?: EarlierTraffic | undefined;
  readonly limits?: Partial<Limits>;
  readonly streamLimits?: Partial<StreamLimits>;
}

export interface Web {
  /**
   * Listens on every address, and on the Unix socket `controlPath` if there is one. All or none: when one fails, the others
   * are closed again. Answers with the addresses as they were bound, the control socket's last.
   * @throws ListenError
   * @throws WebConfigError when there is a web configuration and it is wrong
   */
  listen(addresses: readonly ListenAddress[], controlPath?: string): Promise<string[]>;
  /** Where a browser finds the page; undefined where only sockets are listened on. */
  pageUrl(): string | undefined;
  /** Keeps a reading for the page's plots: to be called every few seconds. */
  sample(): Promise<void>;
  /** What the page's plots are drawn from, for the next run of the program. */
  traffic(): TrafficRecord;
  /** Stops listening, ends the event streams, lets requests in progress end, and cuts what is left after `graceMs`. */
  close(graceMs: number): Promise<void>;
}

/** Who opens too many connections does not fill the log too. */
const SPARSE_LOG_MS = 10_000;
/** A reading that somebody else has just asked for will do. */
const SAMPLE_AGE_NS = 1_000_000_000n;

export function createWeb(options: WebOptions): Web {
  const allowed: Limits = { ...LIMITS, ...options.limits };
  const streams = new EventStreams(options.events, { ...STREAM_LIMITS, ...options.streamLimits });
  const traffic = new TrafficHistories(options.earlierTraffic);
  const basicAuth = new BasicAuth();
  const crowded = new SparseLog(options.log, "warn", SPARSE_LOG_MS);
  const accepting = new SparseLog(options.log, "error", SPARSE_LOG_MS);
  const badCertificates = new SparseLog(options.log, "warn", SPARSE_LOG_MS);
  const connectionsClosed = { idle_closed: 0, new_refused: 0, too_often: 0 };
  let certificatesRefused = 0;
  let listeners: Listener[] = [];
  let secure = false;
  let serving: Promise<Serving> | undefined;

  /** What is listened with; made once, when the web configuration is known to be right. */
  async function prepare(): Promise<Serving> {
    const { webConfigFile: path, log } = options;
    const file = path === undefined ? undefined : await WebConfigFile.open(path, log);
    const hasTls = file?.current.tls !== undefined;
    const state: WebState = {
      connections: () => listeners.reduce((sum, { connections }) => sum + connections, 0),
      streams: () => streams.open,
      connectionsClosed,
      configuration: options.reloadState,
      logLinesDropped: options.logLinesDropped,
      webConfiguration: file && (() => file.state),
      passwordsRefused: file && basicAuth.refused,
      tls: hasTls
        ? {
            // TLS is not turned off without a restart.
            certificateEndsMs: () => file.current.tls?.certificate.notAfterMs ?? Number.NaN,
            refused: () => certificatesRefused,
          }
        : undefined,
    };
    const appOptions: AppOptions = {
      ...options,
      streams,
      traffic,
      assets: loadAssets(),
      responseDeadlineMs: allowed.responseMs,
      processMetrics: options.exporterMetrics ? createProcessMetrics(options.build, state) : undefined,
    };
    const before = file === undefined ? [] : [requireAccess(file, basicAuth)];
    const make = file && hasTls ? (await import("./tls-servers.ts")).tlsServers(file, refuseCertificate) : undefined;
    const apps = {
      tcp: createApp(appOptions, { before, reach: options.enableLifecycle ? "lifecycle" : "read-only" }),
      unix: createApp(appOptions, { before, reach: "local" }),
    };
    const controlApp = createApp(appOptions, { before: [], reach: "local", control: options.control });
    return {
      file,
      isSecure: make !== undefined,
      // A socket that somebody else has bound may be either; it counts as the one from which less may be asked.
      web: ({ kind }, limits) => newListener(kind === "unix" ? apps.unix : apps.tcp, limits, make),
      control: (limits) => newListener(controlApp, limits),
    };
  }

  function newListener(served: Served, limits: Limits, make?: ServerFactory): Listener {
    return new Listener({
      served,
      limits,
      make,
      relieved: (reason) => {
        connectionsClosed[reason]++;
        crowded.say("too many connections", { reason });
      },
      failed: ({ message }) => accepting.say("cannot accept a connection", { error: message }),
    });
  }

  function refuseCertificate(from: string, reason: string): void {
    certificatesRefused++;
    badCertificates.say("client certificate refused", { from, reason });
  }

  async function closeAll(graceMs: number): Promise<void> {
    const closing = listeners;
    listeners = [];
    await Promise.all(closing.map((listener) => listener.close(graceMs)));
  }

  async function bind(listener: Listener, address: ListenAddress): Promise<void> {
    try {
      await listener.listen(address);
    } catch (error) {
      throw listenError(formatListenAddress(address), error);
    }
    listeners.push(listener);
    options.log.info("listening", { address: listener.address });
  }

  return {
    async listen(addresses, controlPath) {
      serving ??= prepare();
      const { web, control, isSecure } = await serving;
      secure = isSecure;
      const count = addresses.length + (controlPath === undefined ? 0 : 1);
      const limits = within(allowed, descriptorLimit() ?? Number.POSITIVE_INFINITY, count);
      try {
        for (const address of addresses) await bind(web(address, limits), address);
        if (controlPath !== undefined) {
          await bind(control(limits), { kind: "unix", path: controlPath });
        }
      } catch (error) {
        await closeAll(0);
        throw error;
      }
      return listeners.map(({ address }) => address);
    },
    pageUrl: () =>
      pageUrl(
        listeners.map(({ address }) => address),
        secure,
      ),
    sample: async () => {
      if (traffic.shortest.isDue(process.hrtime.bigint())) traffic.record(await options.snapshots.fresh(SAMPLE_AGE_NS));
    },
    traffic: () => traffic.kept,
    close: async (graceMs) => {
      streams.close();
      await closeAll(graceMs);
      basicAuth.close();
      (await serving?.catch(() => undefined))?.file?.close();
    },
  };
}

interface Serving {
  readonly file: WebConfigFile | undefined;
  /** Whether public addresses are served over TLS. */
  readonly isSecure: boolean;
  /** Makes the listener of a public address, and of the control socket. */
  readonly web: (address: ListenAddress, limits: Limits) => Listener;
  readonly control: (limits: Limits) => Listener;
}
