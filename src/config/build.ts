/** Which build this is. */

import { readFileSync } from "node:fs";
import * as z from "zod";
import { packageFile } from "./package-file.ts";

export interface Build {
  /** Of package.json. */
  readonly version: string;
  /** The git commit that it was built from; "unknown" when it was not built in a checkout. */
  readonly revision: string;
}

const packageSchema = z.object({ version: z.string() });

/** Reads package.json, and the revision that the build writes to dist/revision.txt. */
export function readBuild(): Build {
  const manifest: unknown = JSON.parse(readFileSync(packageFile("package.json"), "utf8"));
  return { version: packageSchema.parse(manifest).version, revision: readRevision() };
}

function readRevision(): string {
  try {
    return readFileSync(packageFile("dist/revision.txt"), "utf8").trim() || "unknown";
  } catch {
    return "unknown";
  }
}
