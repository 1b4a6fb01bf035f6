/**
 * Fuzzing: inputs that begin as right ones and are changed, and something that takes them and throws when what it did with one is wrong.
 * The same seed makes the same inputs. An input that was found to do harm is kept as a file in corpus/NAME and is tried first from then on.
 */

import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../support/root.ts";
import { generator, mutate } from "../snmp/mutation.ts";

/** A number from 0 to below the argument. */
export type Random = (below: number) => number;

export interface FuzzTarget {
  /** The next input. */
  make(random: Random): Uint8Array;
  /** @throws Error when what became of the input is wrong */
  take(input: Uint8Array): void | Promise<void>;
  /** What is told beside the count of inputs. */
  summary?(): string;
  close?(): void | Promise<void>;
}

/** Files of a corpus, each with its name; none when the folder is not there. */
export function corpus(name: string): readonly (readonly [name: string, bytes: Uint8Array])[] {
  const folder = root("test", "fuzz", "corpus", name);
  return existsSync(folder) ? readdirSync(folder).map((file) => [file, readFileSync(join(folder, file))] as const) : [];
}

/** Originals, changed: sometimes not at all, mostly a little, sometimes much, or two of them joined. */
export function changed(originals: readonly Uint8Array[], random: Random): Uint8Array {
  const pick = () => originals[random(originals.length)] ?? new Uint8Array(0);
  let input = pick();
  if (random(10) === 0) {
    const other = pick();
    input = Buffer.concat([input.subarray(0, random(input.length + 1)), other.subarray(random(other.length + 1))]);
  }
  for (let times = random(4); times > 0; times--) input = mutate(input, random);
  return input;
}

export interface FuzzOutcome {
  readonly inputs: number;
  readonly seconds: number;
  readonly summary: string;
}

/**
 * Gives inputs to the target until `enough` says so.
 * @throws Error with the input's number and its octets when one does harm; they are kept in the corpus
 */
export async function fuzz(
  name: string,
  target: FuzzTarget,
  seed: number,
  enough: (inputs: number) => boolean,
): Promise<FuzzOutcome> {
  const began = performance.now();
  const random = generator(seed);
  let inputs = 0;
  try {
    for (const [file, bytes] of corpus(name)) await tried(name, target, bytes, file);
    for (; !enough(inputs); inputs++) {
      const input = target.make(random);
      await tried(name, target, input, `input ${inputs} of seed ${seed}`);
    }
  } finally {
    await target.close?.();
  }
  return { inputs, seconds: (performance.now() - began) / 1000, summary: target.summary?.() ?? "" };
}

async function tried(name: string, target: FuzzTarget, input: Uint8Array, which: string): Promise<void> {
  try {
    const taken = target.take(input);
    if (taken !== undefined) await taken;
  } catch (cause) {
    const folder = root("test", "fuzz", "corpus", name);
    mkdirSync(folder, { recursive: true });
    const file = join(folder, `found-${createHash("sha256").update(input).digest("hex").slice(0, 12)}`);
    writeFileSync(file, input);
    const message = cause instanceof Error ? (cause.stack ?? cause.message) : String(cause);
    throw new Error(`${name}: ${which} does harm, and is kept in ${file}: ${message}`, { cause });
  }
}
