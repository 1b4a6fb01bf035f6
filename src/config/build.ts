/** Which build this is. */

import { readFileSync } from "node:fs";
import { z } from "zod";

export interface Build {
  /** Of package.json. */
  readonly version: string;
  /** The git commit that it was built from; "unknown" when it was not built in a checkout. */
  readonly revision: string;
}

const packageSchema = z.object({ version: z.string() });

/** Reads package.json, and the revision that the build writes to dist/revision.txt. */
export function readBuild(): Build {
  const manifest: unknown = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));
  return { version: packageSchema.parse(manifest).version, revision: readRevision() };
}

function readRevision(): string {
  try {
    return readFileSync(new URL("../revision.txt", import.meta.url), "utf8").trim() || "unknown";
  } catch {
    return "unknown";
  }
}
