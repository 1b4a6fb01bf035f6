/** The Express application: every route, and the form of every error. TCP and the control socket serve the same one. */

import { IncomingMessage, ServerResponse } from "node:http";
import { Socket } from "node:net";
import express, { type ErrorRequestHandler, type Request, type RequestHandler } from "express";
import helmet from "helmet";
import type { Build } from "../config/build.ts";
import type { Log } from "../log/log.ts";
import type { EventHistory } from "../snapshot/event.ts";
import type { ProbeHistory } from "../snapshot/probes.ts";
import type { GroupSnapshot, Snapshot, Snapshots } from "../snapshot/snapshot.ts";
import type { Suppose } from "../snapshot/supposition.ts";
import { groupsView, groupView, ipmpstatView, kstatsView, linksView } from "./api-views.ts";
import { sendCompressed } from "./compression.ts";
import { askedOf, sameSite } from "./cross-site.ts";
import { deviceRoutes } from "./device-routes.ts";
import type { EventStreams } from "./event-streams.ts";
import type { Served } from "./listener.ts";
import { messageTypes } from "./message-types.ts";
import type { Assets } from "./page/assets.ts";
import { pageRoutes } from "./page/routes.ts";
import { runbookRoutes } from "./page/runbooks.ts";
import type { TrafficHistories } from "./page/traffic-history.ts";
import { probeHistoryView } from "./probe-views.ts";
import type { ProcessMetrics } from "./process-metrics.ts";
import { limitInFlight } from "./request-slots.ts";
import { type Handler, HttpError, mount, type Route } from "./route.ts";
import { auditView, statusView, type Violation } from "./status-view.ts";
import { MetricsPages } from "./metrics-pages.ts";
import { telemetry } from "./telemetry.ts";
import { supposed, withoutIn } from "./without.ts";

/** `starting` until the first collection is possible; `stopping` once no new work should arrive. */
export type Phase = "starting" | "ready" | "stopping";

/** What came of an attempt to take a link out of service or back. The message is one line. */
export type ControlOutcome =
  | { readonly kind: "done" }
  | { readonly kind: "unknown"; readonly message: string }
  | { readonly kind: "refused"; readonly message: string };

/** What came of a reload. The message tells what is wrong with the configuration, which stays as it was, and no value of it. */
export type ReloadOutcome = { readonly kind: "reloaded" } | { readonly kind: "refused"; readonly message: string };

/** if_mpadm -d and -r. */
export interface Control {
  offline(device: string): Promise<ControlOutcome>;
  online(device: string): Promise<ControlOutcome>;
}

export interface AppOptions {
  /** The last probes. */
  readonly probes: ProbeHistory;
  readonly snapshots: Snapshots;
  /** What would become of the groups if something failed. */
  readonly suppose: Suppose;
  readonly phase: () => Phase;
  readonly events: EventHistory;
  readonly streams: EventStreams;
  readonly traffic: TrafficHistories;
  readonly assets: Assets;
  /** Which machine the page is about. */
  readonly host: string;
  /** Checks that every group is the sum of its parts, now. */
  readonly audit: () => readonly Violation[];
  /** Names under which this host is reached, beside `host`. */
  readonly hostNames: readonly string[];
  /** Loads the configuration anew. */
  readonly reload: () => Promise<ReloadOutcome>;
  readonly log: Log;
  readonly build: Build;
  readonly telemetryPath: string;
  /** Requests in progress at once, of the telemetry path and again of everything else that collects; 0 is no bound. */
  readonly maxRequests: number;
  readonly responseDeadlineMs: number;
  /** Undefined where the exporter says nothing about itself. */
  readonly processMetrics: ProcessMetrics | undefined;
  /** Whether OpenMetrics has a series `_created` for each counter. */
  readonly createdSeries: boolean;
}

/** Everything comes from here: nothing is framed, sent elsewhere, or run that stands in the document itself. */
const POLICY = {
  "default-src": ["'none'"],
  "script-src": ["'self'"],
  "style-src": ["'self'"],
  "connect-src": ["'self'"],
  "img-src": ["data:"],
  "base-uri": ["'none'"],
  "form-action": ["'self'"],
  "frame-ancestors": ["'none'"],
};

export interface Access {
  /** Run before everything else. */
  readonly before: readonly RequestHandler[];
  /** `local`: through a Unix socket of our own; `lifecycle`: elsewhere, where a reload may be asked for; `read-only`: elsewhere. */
  readonly reach: "local" | "lifecycle" | "read-only";
  /** Only for a socket on which the peer is known to be local and entitled. */
  readonly control?: Control;
}

export function createApp(options: AppOptions, access: Access): Served {
  const app = express();
  app.disable("x-powered-by");
  app.disable("etag");
  app.enable("case sensitive routing");
  app.enable("strict routing");
  app.use(securityHeaders());
  for (const handler of access.before) app.use(handler);
  for (const route of routes(options, access)) mount(app, route);
  app.use((request) => {
    throw new HttpError(404, `Nothing is at ${request.path}`);
  });
  app.use(answerError(options.log));
  return { answer: app, types: messageTypes(app) };
}

/** Helmet's headers are the same in every response: it is asked for them once, and not by each request. */
function securityHeaders(): RequestHandler {
  const sample = new ServerResponse(new IncomingMessage(new Socket()));
  const policy = { useDefaults: false, directives: POLICY };
  helmet({ contentSecurityPolicy: policy, strictTransportSecurity: false })(sample.req, sample, () => {});
  const headers = Object.entries(sample.getHeaders()).map(([name, value]) => [name, String(value)] as const);
  return (_request, response, next) => {
    for (const [name, value] of headers) response.setHeader(name, value);
    next();
  };
}

function routes(options: AppOptions, { reach, control }: Access): Route[] {
  const { snapshots, phase, streams, maxRequests, responseDeadlineMs, build, telemetryPath } = options;

  const started: RequestHandler = (_request, response, next) => {
    if (phase() !== "starting") return next();
    response.set("Retry-After", "1");
    throw new HttpError(503, "Still starting, try again later");
  };
  const limitTelemetry = limitInFlight(maxRequests, responseDeadlineMs);
  const limitViews = limitInFlight(maxRequests, responseDeadlineMs);

  const nowFor = (_request: Request): Promise<Snapshot> | Snapshot => snapshots.fresh();
  const asSupposed: typeof nowFor = (request) => {
    const without = withoutIn(request.query);
    return without.length === 0 ? nowFor(request) : supposed(options.suppose, without);
  };
  const view = (of: (snapshot: Snapshot, request: Request) => object, snapshotFor = nowFor): Handler => {
    return async (request, response) => {
      const answer = JSON.stringify(of(await snapshotFor(request), request));
      response.set("Cache-Control", "no-store").type("json");
      await sendCompressed(request, response, Buffer.from(answer));
    };
  };
  const reload: Handler = async (_request, response) => {
    const outcome = await options.reload();
    if (outcome.kind === "refused") throw new HttpError(500, outcome.message);
    response.type("text/plain").send("Configuration reloaded.\n");
  };
  // No name leads to a Unix socket.
  const named = reach === "local" ? [] : [askedOf([options.host, ...options.hostNames])];
  const views = [...named, started, limitViews];
  const probes: Handler = (request, response) => {
    const { since = "0" } = request.query;
    if (typeof since !== "string" || !/^\d{1,15}$/.test(since))
      throw new HttpError(400, `Cannot list probes since ${JSON.stringify(since)}: expected the id of one`);
    response.set("Cache-Control", "no-store").json(probeHistoryView(options.probes, Number(since)));
  };
  const events: Handler = (request, response) => {
    if (request.accepts(["json", "text/event-stream"]) === "text/event-stream") streams.stream(request, response);
    else streams.list(request, response);
  };
  const page = telemetryPath === "/" ? [] : pageRoutes({ ...options, version: build.version }, views);

  return [
    {
      // The path is the user's, so that nothing in it may be read as Express's notation.
      path: telemetryPath.replace(/[{}()[\]+?!:*\\]/g, "\\$&"),
      guards: [started, limitTelemetry],
      methods: { GET: telemetry(snapshots, new MetricsPages({ ...options, keepsPages: true })) },
    },
    ...page,
    ...runbookRoutes(options.assets),
    ...deviceRoutes(snapshots, options.createdSeries, [started, limitTelemetry]),
    {
      path: "/-/healthy",
      guards: [],
      methods: { GET: (_request, response) => void response.type("text/plain").send("IPMP Exporter is healthy.\n") },
    },
    {
      path: "/-/ready",
      guards: [],
      methods: {
        GET: (_request, response) => {
          const now = phase();
          if (now !== "ready") throw new HttpError(503, `IPMP Exporter is not ready: it is ${now}.`);
          response.type("text/plain").send("IPMP Exporter is ready.\n");
        },
      },
    },
    { path: "/-/reload", guards: [lifecycle(reach), ...named, sameSite], methods: { POST: reload, PUT: reload } },
    { path: "/api/v1/groups", guards: views, methods: { GET: view(groupsView, asSupposed) } },
    {
      path: "/api/v1/groups/:name",
      guards: views,
      methods: {
        GET: view((snapshot, request) => groupView(snapshot, requestedGroup(snapshot, request)), asSupposed),
      },
    },
    { path: "/api/v1/links", guards: views, methods: { GET: view(linksView) } },
    { path: "/api/v1/kstats", guards: views, methods: { GET: view(kstatsView) } },
    { path: "/api/v1/ipmpstat", guards: views, methods: { GET: view(ipmpstatView) } },
    { path: "/api/v1/status", guards: views, methods: { GET: view((now) => statusView(now, build)) } },
    { path: "/api/v1/probes", guards: views, methods: { GET: probes } },
    { path: "/api/v1/events", guards: [...named, started], methods: { GET: events } },
    ...(control === undefined ? [] : controlRoutes(control, options.audit, [started, sameSite])),
  ];
}

/** @throws HttpError 404 when there is none of that name. */
function requestedGroup({ groups }: Snapshot, request: Request): GroupSnapshot {
  const { name: parameter } = request.params;
  const wanted = String(parameter);
  const group = groups.find(({ name }) => name === wanted);
  if (group !== undefined) return group;
  const there = groups.map(({ name }) => `"${name}"`).join(", ");
  throw new HttpError(404, `There is no group "${wanted}"; there are: ${there || "none"}`);
}

const CONTROL_STATUS = { unknown: 404, refused: 409 } as const;

function controlRoutes(control: Control, audit: AppOptions["audit"], guards: readonly RequestHandler[]): Route[] {
  const verbs = (["offline", "online"] as const).map(
    (verb): Route => ({
      path: `/api/v1/interfaces/:name/${verb}`,
      guards,
      methods: {
        POST: async (request, response) => {
          const { name } = request.params;
          const device = String(name);
          const outcome = await control[verb](device);
          if (outcome.kind !== "done") throw new HttpError(CONTROL_STATUS[outcome.kind], outcome.message);
          response.json({ device, [verb]: true });
        },
      },
    }),
  );
  const check: Handler = (_request, response) => {
    response.set("Cache-Control", "no-store").json(auditView(audit()));
  };
  return [...verbs, { path: "/api/v1/audit", guards, methods: { GET: check } }];
}

/** Prometheus' --web.enable-lifecycle. */
function lifecycle(reach: Access["reach"]): RequestHandler {
  return (_request, _response, next) => {
    if (reach === "read-only")
      throw new HttpError(403, "Reloading is off on this address: expected --web.enable-lifecycle");
    next();
  };
}

function answerError(log: Log): ErrorRequestHandler {
  return (error, request, response, _next) => {
    const status = error instanceof HttpError ? error.status : clientError(error);
    if (status === undefined) log.error("request failed", { path: request.path, error: oneLine(error) });
    if (response.headersSent) {
      // Too late for a status: a truncated body must not look whole.
      response.destroy();
      return;
    }
    const message = status === undefined ? "Internal error; the log says more" : oneLine(error);
    response.status(status ?? 500).set("Cache-Control", "no-store");
    response.removeHeader("Content-Encoding");
    if (request.path.startsWith("/api/")) response.json({ error: message });
    else response.type("text/plain").send(`${message}\n`);
  };
}

/** Express gives its own errors about a request (a path that cannot be decoded) a status. */
function clientError(error: unknown): number | undefined {
  if (!(error instanceof Error) || !("status" in error)) return undefined;
  const { status } = error;
  return typeof status === "number" && status >= 400 && status < 500 ? status : undefined;
}

function oneLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).replace(/\s*\n\s*/g, " ");
}
