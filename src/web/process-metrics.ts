/** What the process says about itself: the build, the server's own (web-metrics.ts), `process_*` and `nodejs_*`. */

import type { Build } from "../config/build.ts";
import type { SampleWriter } from "../exposition/prometheus/sample-writer.ts";
import type { Hrtime } from "../kstat/hrtime.ts";
import { GarbageCollections } from "./garbage-collections.ts";
import { OwnInfo, OwnMetrics } from "./own-metrics.ts";
import { PROCESS_METRICS, ProcessReader } from "./process-readings.ts";
import { WEB_METRICS, type WebState } from "./web-metrics.ts";

export interface ProcessMetrics {
  /** All families, as of now. `start`: when the process began. */
  write(writer: SampleWriter, start: Hrtime): Promise<void>;
}

export function createProcessMetrics(build: Build, web?: WebState): ProcessMetrics {
  const { version, revision } = build;
  const { version: node } = process;
  const [major = "", minor = "", patch = ""] = node.slice(1).split(".");
  const infos = [
    new OwnInfo("ipmp_exporter_build", "What was built: version, source revision and the Node it runs on.", {
      version,
      revision,
      nodeversion: node,
    }),
    new OwnInfo("nodejs_version", "Node.js version info.", { version: node, major, minor, patch }),
  ];
  const ofWeb = new OwnMetrics(WEB_METRICS);
  const ofProcess = new OwnMetrics(PROCESS_METRICS);
  const reader = new ProcessReader();
  const collections = new GarbageCollections();
  return {
    write(writer, start) {
      for (const info of infos) info.write(writer);
      if (web) ofWeb.write(web, writer, start);
      ofProcess.write(reader.read(), writer, start);
      return collections.write(writer, start);
    },
  };
}
