/** The HTTP server: where it listens, what it serves, and who may reload the configuration. */

import { parseHttpAddress } from "../../net-address/http-address.ts";
import { UNIX_PATH_BYTES } from "../../net-address/unix-path.ts";
import { flag, key, optional, section } from "../keys.ts";
import { count, list, path, text } from "../value-schemas.ts";

/** A host name in a URL: RFC 1123, 2.1, and the underscore that people use all the same. */
const hostName = text("a host name such as ipmp.example.net, without port", (value) =>
  /^(?=.{1,253}$)[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?$/.test(value) ? value : undefined,
);

/** Letters that neither an URL nor the web server's router gives a meaning to. */
const TELEMETRY_PATH = /^(?:\/[A-Za-z0-9._~-]+)+$/;
const telemetryPath = text("a path such as /metrics, not below /api or /-", (value) =>
  TELEMETRY_PATH.test(value) && !/^\/(?:api|-)(?:\/|$)/.test(value) ? value : undefined,
);

export const web = section("The HTTP server.", {
  listen_addresses: key(
    list(
      text(
        `HOST:PORT, such as :10191, 127.0.0.1:10191 or [::1]:10191, or unix:/PATH of ${UNIX_PATH_BYTES} bytes at most`,
        parseHttpAddress,
      ),
      "addresses such as :10191",
    ),
    {
      description: "Addresses on which HTTP is served; `unix:/PATH` is a Unix socket.",
      standard: [":10191"],
      origin: "every address, as Prometheus exporters do; the port is ours",
    },
  ),
  telemetry_path: key(telemetryPath, {
    description: "Path under which the metrics are served.",
    standard: "/metrics",
    origin: "what Prometheus scrapes when it is not told otherwise",
  }),
  config_file: optional(path, {
    description: "File with TLS, passwords and headers, in exporter-toolkit's format.",
    origin: "none: plain HTTP, no password",
    relativeTo: "beside the configuration file",
  }),
  max_requests: key(count(0), {
    description: "Number of scrapes that are served at once, and again of requests for page and API; 0 means no limit.",
    standard: 40,
    origin: "node_exporter",
  }),
  disable_exporter_metrics: flag({
    description: "Leave out the metrics about the exporter itself (process_*, nodejs_* and the like).",
    standard: false,
    origin: "node_exporter",
  }),
  openmetrics_created: flag({
    description: "Add a series `_created` to each counter in OpenMetrics: when it began. Protobuf says it without.",
    standard: false,
    origin: "they double the series of counters on servers that do not take them for what they are",
  }),
  systemd_socket: flag({
    description: "Serve on the sockets that systemd hands over, instead of the listen addresses.",
    standard: false,
    origin: "exporter-toolkit",
  }),
  enable_lifecycle: flag({
    description:
      "Allow `POST /-/reload` over TCP, and on sockets that systemd hands over. On other Unix sockets it always is.",
    standard: false,
    origin: "Prometheus",
  }),
  host_names: key(list(hostName, "host names"), {
    description:
      "Names under which browsers reach this host, beside its own. Page, API and reload are refused under others, metrics are not.",
    standard: [],
    origin: "the host name, its domains and /etc/hosts are known",
  }),
});
