/** Where the page and its assets are. */

import type { Request, RequestHandler, Response } from "express";
import type { EventHistory } from "../../snapshot/event.ts";
import type { ProbeHistory } from "../../snapshot/probes.ts";
import type { Snapshot, Snapshots } from "../../snapshot/snapshot.ts";
import type { Suppose } from "../../snapshot/supposition.ts";
import { HttpError, type Route } from "../route.ts";
import { withoutOfForm } from "../without.ts";
import type { Assets } from "./assets.ts";
import { groupPage, homePage, noGroupPage, type PageContext } from "./page.ts";
import { RenderedPage, RenderedPages } from "./rendered-pages.ts";
import { queryOf, selectionIn } from "./selection.ts";
import type { TrafficHistories } from "./traffic-history.ts";

/** Nanoseconds: people who look at the same time share one reading of the counters; states are always of now. */
const PAGE_AGE = 1_000_000_000n;

export interface PageOptions {
  readonly snapshots: Snapshots;
  readonly suppose: Suppose;
  readonly events: EventHistory;
  readonly traffic: TrafficHistories;
  readonly probes: ProbeHistory;
  readonly assets: Assets;
  readonly version: string;
  readonly host: string;
  readonly telemetryPath: string;
}

/** What a page is about: how things are, or how they would be. */
interface Shown {
  readonly snapshot: Snapshot;
  readonly base: Snapshot;
  /** Something that was named is not there. */
  readonly mistake?: string;
}

/** `guards` are for what needs a collection. */
export function pageRoutes(options: PageOptions, guards: readonly RequestHandler[]): Route[] {
  const { snapshots, suppose, events, traffic, probes, assets, version, host, telemetryPath } = options;
  /** `base`: how things are; the same as `snapshot` unless that supposes something. */
  const contextOf = ({ snapshot, base, mistake }: Shown, span?: unknown): PageContext => {
    traffic.record(base);
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
      ...(mistake === undefined ? {} : { mistake }),
    };
  };
  const shown = (base: Snapshot, without: readonly string[]): Shown => {
    if (without.length === 0) return { snapshot: base, base };
    const answer = suppose(without);
    return answer.kind === "supposed" ? { ...answer, base } : { snapshot: base, base, mistake: answer.message };
  };
  const statusOf = ({ mistake }: Shown): number => (mistake === undefined ? 200 : 400);
  const pages = new RenderedPages();
  return [
    {
      path: "/",
      guards,
      methods: {
        GET: (request, response) => {
          const base = snapshots.within(PAGE_AGE);
          const selection = selectionIn(request.query);
          const render = (): RenderedPage => {
            const now = shown(base, selection.without);
            return new RenderedPage(homePage(contextOf(now), selection), statusOf(now));
          };
          return pages.of(base, `/${queryOf(selection)}`, render).send(request, response);
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
          const base = snapshots.within(PAGE_AGE);
          const without = withoutOfForm(request.query);
          const { span } = request.query;
          const render = (): RenderedPage => {
            const now = shown(base, without);
            const group = now.snapshot.groups.find((candidate) => candidate.name === name);
            return group === undefined
              ? new RenderedPage(noGroupPage(name, contextOf(now)), 404)
              : new RenderedPage(groupPage(group, contextOf(now, span)), statusOf(now));
          };
          const address = JSON.stringify([name, traffic.of(span).span.name, without]);
          return pages.of(base, `/groups/${address}`, render).send(request, response);
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
