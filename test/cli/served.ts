/** The control socket as the daemon serves it, over a snapshot that does not change. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before } from "node:test";
import { ProbeLog } from "#src/daemon/probing/probe-log.js";
import { EventLog } from "#src/daemon/snapshots/event-log.js";
import type { ProbeHistory } from "#src/snapshot/probes.js";
import type { Snapshot } from "#src/snapshot/snapshot.js";
import { type Control, createWeb } from "#src/web/web.js";
import { SILENT } from "../support/silent-log.ts";
import { snapshotsOf, withoutEach } from "../support/snapshot.ts";
import { program } from "./program.ts";

const NO_CONTROL: Control = {
  offline: async (device) => ({ kind: "unknown", message: `No group has a member "${device}"` }),
  online: async () => ({ kind: "done" }),
};

/** Serves during the tests of the suite that calls it; answers with how to run a command against it, and its socket. */
export function served(snapshot: Snapshot, control = NO_CONTROL, probes: ProbeHistory = new ProbeLog()) {
  const folder = mkdtempSync(join(tmpdir(), "ipmp-cli-"));
  const socket = join(folder, "control.sock");
  const web = createWeb({
    snapshots: snapshotsOf(snapshot),
    suppose: (without) => withoutEach(snapshot, without),
    phase: () => "ready",
    reload: () => Promise.resolve({ kind: "reloaded" }),
    reloadState: () => ({ successful: true, succeededMs: 0 }),
    logLinesDropped: () => 0,
    enableLifecycle: false,
    hostNames: [],
    host: "host.example",
    telemetryPath: "/metrics",
    maxRequests: 0,
    exporterMetrics: false,
    createdSeries: false,
    log: SILENT,
    build: { version: "0", revision: "0" },
    control,
    probes,
    events: new EventLog(),
    audit: () => [],
  });
  before(() => web.listen([], socket));
  after(async () => {
    await web.close(0);
    rmSync(folder, { recursive: true });
  });
  const run = (command?: string, ...args: readonly string[]) =>
    program([command ?? "", `--control.socket=${socket}`, ...args]);
  return Object.assign(run, { socket });
}
