/** Devices one by one, in Prometheus' multi-target pattern: `/probe?target=NAME`, and `/sd`, which tells http_sd their names. */

import type { Request, RequestHandler } from "express";
import type { Snapshots } from "../snapshot/snapshot.ts";
import { deviceSnapshot, devicesOf } from "./device-part.ts";
import { type Handler, HttpError, type Route } from "./route.ts";
import { telemetry } from "./telemetry.ts";

/**
 * Nanoseconds. Devices are polled at times of their own, and none is asked for a scrape; scrapes of many share a snapshot, for which the counters of this
 * host are read once a second at most.
 */
const AGE = 1_000_000_000n;

/** `guards` are for what needs a collection. */
export function deviceRoutes(snapshots: Snapshots, createdSeries: boolean, guards: readonly RequestHandler[]): Route[] {
  const scrapes = new Map<string, Handler>();

  /** Names are those of the configuration: nobody can have the program ask an address of theirs. */
  const probe: Handler = async (request, response) => {
    const name = requestedTarget(request);
    if (!devicesOf(snapshots.states()).some((device) => device.name === name))
      throw new HttpError(404, `There is no source ${JSON.stringify(name)} of kind snmp in the configuration`);
    let scrape = scrapes.get(name);
    if (!scrape) {
      scrape = telemetry(partOf(snapshots, name), { processMetrics: undefined, createdSeries });
      scrapes.set(name, scrape);
    }
    await scrape(request, response);
  };

  const discovery: Handler = (_request, response) => {
    const targets = devicesOf(snapshots.states()).map(({ name, kind }) => ({
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

function partOf(snapshots: Snapshots, device: string): Snapshots {
  return {
    fresh: async () => deviceSnapshot(snapshots.within(AGE), device),
    within: (maxAge) => deviceSnapshot(snapshots.within(maxAge), device),
    states: () => deviceSnapshot(snapshots.states(), device),
  };
}
