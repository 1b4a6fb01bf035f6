/** `ipmpstat -p`: a row for each probe that is answered or lost, as it happens, until nobody reads any more. */

import { setTimeout as sleep } from "node:timers/promises";
import * as z from "zod";
import { type Control, get } from "../control.ts";
import type { ProbeRow } from "./modes.ts";

const POLL_MS = 200;
const NANOSECONDS_PER_MILLISECOND = 1e6;

const duration = z.number().nullish();

/** The part of the API that is shown. */
const probesSchema = z.object({
  last_id: z.number(),
  probes: z.array(
    z.object({
      device: z.string(),
      probe: z.number(),
      target: z.string(),
      sent: z.string(),
      round_trip_ns: duration,
      network_round_trip_ns: duration,
      round_trip_average_ns: z.number(),
      round_trip_deviation_ns: z.number(),
    }),
  ),
});

type Probe = z.output<typeof probesSchema>["probes"][number];

/** The rows as they come: first what the daemon has kept of the last `backMs` milliseconds. */
export async function* probeRows(control: Control, beganMs: number, backMs: number): AsyncGenerator<ProbeRow> {
  const ask = (since: number) => get(control, `/api/v1/probes?since=${since}`, probesSchema);
  let { last_id: last, probes } = await ask(0);
  for (const probe of probes) if (Date.parse(probe.sent) >= beganMs - backMs) yield rowOf(probe, beganMs);
  for (;;) {
    await sleep(POLL_MS);
    ({ last_id: last, probes } = await ask(last));
    for (const probe of probes) yield rowOf(probe, beganMs);
  }
}

function rowOf(probe: Probe, beganMs: number): ProbeRow {
  return {
    seconds: (Date.parse(probe.sent) - beganMs) / 1000,
    device: probe.device,
    probe: probe.probe,
    networkRoundTripMs: milliseconds(probe.network_round_trip_ns),
    roundTripMs: milliseconds(probe.round_trip_ns),
    averageMs: milliseconds(probe.round_trip_average_ns || undefined),
    deviationMs: milliseconds(probe.round_trip_deviation_ns || undefined),
    target: probe.target,
  };
}

function milliseconds(nanoseconds: number | null | undefined): number | undefined {
  return nanoseconds === null || nanoseconds === undefined ? undefined : nanoseconds / NANOSECONDS_PER_MILLISECOND;
}
