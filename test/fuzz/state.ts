/** State files, as this version and earlier ones write them and changed: each is gone on with, or set aside with a reason. */

import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { StateFile } from "#src/state/state-file.js";
import { root } from "../support/root.ts";
import { aState, fileOf } from "../state/saved.ts";
import { changed, type FuzzTarget, type Random } from "./target.ts";

const NOW = new Date("2026-01-02T03:04:05Z");
/** Between the file that is the record and that which has later readings. */
const NAMES = ["state.json", "state.json.previous", "state.json.readings"];

export class StateTarget implements FuzzTarget {
  readonly #folder = mkdtempSync(join(tmpdir(), "ipmp-exporter-fuzz-"));
  readonly #originals: readonly Uint8Array[] = [
    ...fc.sample(aState, { seed: 1, numRuns: 8 }).map((state) => fileOf(state)),
    readFileSync(root("test", "fixtures", "state", "version-1.state")),
  ];
  readonly #counts = { state: 0, none: 0, unusable: 0 };

  make(random: Random): Uint8Array {
    return Buffer.concat([Buffer.from([random(NAMES.length)]), changed(this.#originals, random)]);
  }

  /** The first octet says which of the files it is; the others are not there. */
  take(input: Uint8Array): void {
    for (const name of readdirSync(this.#folder)) rmSync(join(this.#folder, name));
    writeFileSync(join(this.#folder, NAMES[(input[0] ?? 0) % NAMES.length] ?? ""), input.subarray(1));
    const file = new StateFile(join(this.#folder, "state.json"));
    const loaded = file.load(NOW);
    this.#counts[loaded.kind]++;
    if (loaded.kind === "unusable") assert.match(loaded.message, /^[^\p{Cc}]+$/u);
    if (loaded.kind !== "state") return;
    // What is gone on with can be saved, and is then the same.
    const again = fileOf(loaded.state);
    writeFileSync(file.path, again);
    const second = new StateFile(file.path).load(NOW);
    assert.equal(second.kind, "state", "what was loaded can be saved and loaded");
    assert.deepEqual(second.kind === "state" && fileOf(second.state), again);
  }

  summary(): string {
    return Object.entries(this.#counts)
      .map(([kind, count]) => `${count} ${kind}`)
      .join(", ");
  }

  close(): void {
    rmSync(this.#folder, { recursive: true });
  }
}
