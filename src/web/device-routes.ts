/** Devices one by one, in Prometheus' multi-target pattern: `/probe?target=NAME`, and `/sd`, which tells http_sd their names. */

import type { Request, RequestHandler } from "express";
import type { Snapshots } from "../snapshot/snapshot.ts";
import { deviceSnapshot, devicesOf } from "./device-part.ts";
import { MetricsPages } from "./metrics-pages.ts";
import { type Handler, HttpError, type Route } from "./route.ts";
import { type ScrapedSnapshots, telemetry } from "./telemetry.ts";

/** `guards` are for what needs a collection. */
export function deviceRoutes(snapshots: Snapshots, createdSeries: boolean, guards: readonly RequestHandler[]): Route[] {
  const devices = () => devicesOf({ sources: snapshots.sources() });
  // One for all: there may be hundreds of them, each with a small page.
  const pages = new MetricsPages({ processMetrics: undefined, createdSeries, keepsPages: false });
  const scrapes = new Map<string, Handler>();
  /** They stay while the program runs. */
  let names: ReadonlySet<string> | undefined;

  /** Names are those of the configuration: nobody can have the program ask an address of theirs. */
  const probe: Handler = async (request, response) => {
    const name = requestedTarget(request);
    names ??= new Set(devices().map((device) => device.name));
    if (!names.has(name))
      throw new HttpError(404, `There is no source ${JSON.stringify(name)} of kind snmp in the configuration`);
    let scrape = scrapes.get(name);
    if (!scrape) {
      scrape = telemetry(partOf(snapshots, name), pages);
      scrapes.set(name, scrape);
    }
    await scrape(request, response);
  };

  const discovery: Handler = (_request, response) => {
    const targets = devices().map(({ name, kind }) => ({
      targets: [name],
      labels: { __meta_ipmp_source: name, __meta_ipmp_kind: kind },
    }));
    response.set("Cache-Control", "no-store").json(targets);
  };

  return [
    { path: "/probe", guards, methods: { GET: probe } },
    { path: "/sd", guards, methods: { GET: discovery } },
  ];
}

/** @throws HttpError 400 when it is not said once */
function requestedTarget({ query: { target } }: Request): string {
  if (typeof target === "string" && target !== "") return target;
  throw new HttpError(400, "Expected /probe?target=NAME with the name of one source of kind snmp");
}

/** Devices are polled at times of their own, and none is asked for a scrape: whatever its age, it is the last poll. */
function partOf(snapshots: Snapshots, device: string): ScrapedSnapshots {
  const part = () => deviceSnapshot(snapshots.of(device), device);
  return { fresh: async () => part(), states: part };
}
