/**
 * The page's style sheet and scripts. They are served under a name made from what is in them, so that a browser may keep them for
 * ever and still has new ones after an upgrade. Scripts are the modules that the compiler wrote, as they are.
 */

import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { packageFile } from "../../config/package-file.ts";
import { STYLE } from "./style.ts";

export interface Asset {
  readonly type: string;
  readonly body: Buffer;
  readonly gzipped: Buffer;
}

export interface Assets {
  /** Hexadecimal; in every asset's path. */
  readonly name: string;
  readonly files: ReadonlyMap<string, Asset>;
}

const SCRIPTS = fileURLToPath(packageFile("dist/web/client/"));

/** @throws Error when the scripts were not built: the page would be there and not live. */
export function loadAssets(folder: string = SCRIPTS): Assets {
  const scripts = readdirSync(folder)
    .filter((file) => file.endsWith(".js"))
    .sort()
    .map((file) => [file, asset("text/javascript", readFileSync(`${folder}/${file}`))] as const);
  const files = new Map([["page.css", asset("text/css", Buffer.from(STYLE))] as const, ...scripts]);
  const hash = createHash("sha256");
  for (const [file, { body }] of files) hash.update(`${file}\0${body.length}\0`).update(body);
  return { name: hash.digest("hex").slice(0, 16), files };
}

function asset(type: string, body: Buffer): Asset {
  return { type: `${type}; charset=utf-8`, body, gzipped: gzipSync(body, { level: 9 }) };
}
