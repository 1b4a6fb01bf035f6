/** Where the page and its assets are. */

import type { Request, RequestHandler, Response } from "express";
import type { EventHistory } from "../../snapshot/event.ts";
import type { ProbeHistory } from "../../snapshot/probes.ts";
import type { Snapshot, Snapshots } from "../../snapshot/snapshot.ts";
import { HttpError, type Route } from "../route.ts";
import type { Assets } from "./assets.ts";
import { groupPage, homePage, noGroupPage, type PageContext } from "./page.ts";
import { RenderedPage, RenderedPages } from "./rendered-pages.ts";
import { queryOf, selectionIn } from "./selection.ts";
import type { TrafficHistories } from "./traffic-history.ts";

/** Nanoseconds: people who look at the same time share one reading of the counters; states are always of now. */
const PAGE_AGE = 1_000_000_000n;

export interface PageOptions {
  readonly snapshots: Snapshots;
  readonly events: EventHistory;
  readonly traffic: TrafficHistories;
  readonly probes: ProbeHistory;
  readonly assets: Assets;
  readonly version: string;
  readonly host: string;
  readonly telemetryPath: string;
}

/** `guards` are for what needs a collection. */
export function pageRoutes(options: PageOptions, guards: readonly RequestHandler[]): Route[] {
  const { snapshots, events, traffic, probes, assets, version, host, telemetryPath } = options;
  const contextOf = (snapshot: Snapshot, span?: unknown): PageContext => {
    traffic.record(snapshot);
    const [recent, plotted] = [traffic.shortest, traffic.of(span)];
    return {
      snapshot,
      events: events.since(),
      traffic: recent,
      plotted,
      probes,
      version,
      host,
      telemetryPath,
      assets: assets.name,
    };
  };
  const pages = new RenderedPages();
  return [
    {
      path: "/",
      guards,
      methods: {
        GET: (request, response) => {
          const snapshot = snapshots.within(PAGE_AGE);
          const selection = selectionIn(request.query);
          const render = (): string => homePage(contextOf(snapshot), selection);
          return pages.of(snapshot, `/${queryOf(selection)}`, render).send(request, response);
        },
      },
    },
    {
      path: "/groups/:name",
      guards,
      methods: {
        GET: (request, response) => {
          const { name: parameter } = request.params;
          const name = String(parameter);
          const snapshot = snapshots.within(PAGE_AGE);
          const group = snapshot.groups.find((candidate) => candidate.name === name);
          if (group === undefined) {
            response.status(404);
            return new RenderedPage(noGroupPage(name, contextOf(snapshot))).send(request, response);
          }
          const { span } = request.query;
          const render = (): string => groupPage(group, contextOf(snapshot, span));
          return pages
            .of(snapshot, `/groups/${name}?span=${traffic.of(span).span.name}`, render)
            .send(request, response);
        },
      },
    },
    {
      path: "/assets/:assets/:file",
      guards: [],
      methods: { GET: (request, response) => sendAsset(request, response, assets) },
    },
  ];
}

/** Under another name they are of another version, and would not fit this one's pages. */
function sendAsset(request: Request, response: Response, { name, files }: Assets): void {
  const { assets, file } = request.params;
  const asset = assets === name ? files.get(String(file)) : undefined;
  if (asset === undefined) throw new HttpError(404, `Nothing is at ${request.path}`);
  response.set("Cache-Control", "public, max-age=31536000, immutable").set("Content-Type", asset.type);
  response.vary("Accept-Encoding");
  const compress = request.acceptsEncodings("gzip") !== false;
  if (compress) response.set("Content-Encoding", "gzip");
  response.send(compress ? asset.gzipped : asset.body);
}
