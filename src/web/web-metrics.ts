/** What the server says about itself: connections, streams, refused clients, its certificate, and how reloads and the log fared. */

import type { BasicAuth } from "./basic-auth.ts";
import type { Relief } from "./connections.ts";
import type { OwnMetric } from "./own-metrics.ts";
import type { ReloadState } from "./reload-state.ts";

/** Read at each scrape. */
export interface WebState {
  readonly connections: () => number;
  readonly streams: () => number;
  readonly connectionsClosed: Readonly<Record<Relief, number>>;
  readonly configuration: () => ReloadState;
  readonly logLinesDropped: () => number;
  /** Undefined without a web configuration. */
  readonly webConfiguration: (() => ReloadState) | undefined;
  /** Undefined without a web configuration. */
  readonly passwordsRefused: Readonly<BasicAuth["refused"]> | undefined;
  /** Undefined without TLS. */
  readonly tls: { readonly certificateEndsMs: () => number; readonly refused: () => number } | undefined;
}

const NO_FILE = "without `web.config_file`";
const NO_TLS = "without TLS";

export const WEB_METRICS: readonly OwnMetric<WebState>[] = [
  {
    name: "ipmp_exporter_config_last_reload_successful",
    type: "gauge",
    help: "Whether the last reload of the configuration succeeded.",
    read: ({ configuration }) => Number(configuration().successful),
  },
  {
    name: "ipmp_exporter_config_last_reload_success_timestamp_seconds",
    type: "gauge",
    help: "When the configuration was last loaded with success.",
    read: ({ configuration }) => configuration().succeededMs / 1000,
  },
  {
    name: "ipmp_log_lines_dropped_total",
    type: "counter",
    help: "Lines of the log that were lost because standard error did not take them: a full disk, a reader that has stopped or gone.",
    read: ({ logLinesDropped }) => logLinesDropped(),
  },
  {
    name: "ipmp_web_config_last_reload_successful",
    type: "gauge",
    help: "Whether the web configuration and the files that it names are right as they are now; otherwise a former state is in force.",
    absent: NO_FILE,
    read: ({ webConfiguration }) => webConfiguration && Number(webConfiguration().successful),
  },
  {
    name: "ipmp_web_config_last_reload_success_timestamp_seconds",
    type: "gauge",
    help: "When the web configuration was last found right.",
    absent: NO_FILE,
    read: ({ webConfiguration }) => webConfiguration && webConfiguration().succeededMs / 1000,
  },
  {
    name: "ipmp_web_certificate_not_after_timestamp_seconds",
    type: "gauge",
    help: "When the certificate ends that the server shows now.",
    absent: NO_TLS,
    read: ({ tls }) => tls && tls.certificateEndsMs() / 1000,
  },
  {
    name: "ipmp_web_client_certificates_refused_total",
    type: "counter",
    help: "TLS connections that were closed because of the client's certificate.",
    absent: NO_TLS,
    read: ({ tls }) => tls?.refused(),
  },
  {
    name: "ipmp_web_connections",
    type: "gauge",
    help: "Connections that are open.",
    read: ({ connections }) => connections(),
  },
  {
    name: "ipmp_web_connections_closed_total",
    type: "counter",
    help: "Connections closed because there were too many: idle ones for the sake of new ones, new ones when none was idle, or those of who opens them too often.",
    label: "reason",
    read: ({ connectionsClosed }) => connectionsClosed,
  },
  {
    name: "ipmp_web_event_streams",
    type: "gauge",
    help: "Event streams that are open.",
    read: ({ streams }) => streams(),
  },
  {
    name: "ipmp_web_passwords_refused_total",
    type: "counter",
    help: "Requests with a password that were refused: it was wrong, or too many waited to be checked.",
    absent: NO_FILE,
    label: "reason",
    read: ({ passwordsRefused }) => passwordsRefused,
  },
];
