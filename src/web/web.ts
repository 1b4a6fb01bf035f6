/**
 * The HTTP server: telemetry, health, API and the page on the addresses of the configuration, and the same with control over
 * interfaces on a Unix socket. It renders snapshots that it is given and knows nothing of how they are made.
 */

import type { RequestHandler } from "express";
import { type AppOptions, type Control, createApp } from "./app.ts";
import { EventStreams, STREAM_LIMITS, type StreamLimits } from "./event-stream.ts";
import { guardRequests, tlsServers } from "./guard.ts";
import { formatListenAddress, type ListenAddress, listenError } from "./listen-address.ts";
import { LIMITS, type Limits, Listener, type ServerFactory } from "./listener.ts";
import { loadAssets } from "./page/assets.ts";
import { TrafficHistory } from "./page/traffic-history.ts";
import { createProcessMetrics } from "./process-metrics.ts";
import { WebConfigFile } from "./web-config-file.ts";

export type { Control, ControlOutcome, Phase } from "./app.ts";
export { type ListenAddress, ListenError } from "./listen-address.ts";
export type { Build } from "./process-metrics.ts";
export { WebConfigError } from "./web-config.ts";

export interface WebOptions
  extends Omit<AppOptions, "streams" | "traffic" | "assets" | "responseDeadlineMs" | "processMetrics"> {
  readonly control: Control;
  /** Whether `process_*`, `nodejs_*` and the build are among the metrics. */
  readonly exporterMetrics: boolean;
  /** exporter-toolkit's file: TLS, users, headers. It concerns the addresses, not the control socket. */
  readonly webConfigFile?: string;
  readonly limits?: Partial<Limits>;
  readonly streamLimits?: Partial<StreamLimits>;
}

export interface Web {
  /**
   * Listens on every address, and on the Unix socket `controlPath` if there is one. All or none: when one fails, the others
   * are closed again. Answers with the addresses as they were bound, the control socket's last.
   * @throws ListenError
   */
  listen(addresses: readonly ListenAddress[], controlPath?: string): Promise<string[]>;
  /** Keeps a reading for the page's plots: to be called every few seconds. */
  sample(): void;
  /** Stops listening, ends the event streams, lets requests in progress end, and cuts what is left after `graceMs`. */
  close(graceMs: number): Promise<void>;
}

/** A reading that somebody else has just asked for will do. */
const SAMPLE_AGE_NS = 1_000_000_000n;

/** @throws WebConfigError when there is a web configuration and it is wrong. */
export function createWeb(options: WebOptions): Web {
  const limits: Limits = { ...LIMITS, ...options.limits };
  const streams = new EventStreams(options.events, { ...STREAM_LIMITS, ...options.streamLimits });
  const traffic = new TrafficHistory();
  const appOptions: AppOptions = {
    ...options,
    streams,
    traffic,
    assets: loadAssets(),
    responseDeadlineMs: limits.responseMs,
    processMetrics: options.exporterMetrics ? createProcessMetrics(options.build) : undefined,
  };
  const file = options.webConfigFile === undefined ? undefined : new WebConfigFile(options.webConfigFile, options.log);
  const make: ServerFactory | undefined = file && tlsServers(file, options.log);
  const before: RequestHandler[] = file === undefined ? [] : [guardRequests(file)];
  const publicApp = createApp(appOptions, undefined, before);
  const controlApp = createApp(appOptions, options.control, []);
  let listeners: Listener[] = [];

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
      try {
        for (const address of addresses) await bind(new Listener(publicApp, limits, make), address);
        if (controlPath !== undefined) {
          await bind(new Listener(controlApp, limits), { kind: "unix", path: controlPath });
        }
      } catch (error) {
        await closeAll(0);
        throw error;
      }
      return listeners.map(({ address }) => address);
    },
    sample: () => traffic.record(options.snapshots.within(SAMPLE_AGE_NS)),
    close: (graceMs) => {
      streams.close();
      return closeAll(graceMs);
    },
  };
}
