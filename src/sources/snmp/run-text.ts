/** Which run of a device it is, as text that is saved with the state: JSON, read with the same care as any other file. */

import type { DeviceRun } from "./device-run.ts";

export function writeRun({ engine, uptime: { agent, host, at }, discontinuities }: DeviceRun): string {
  return JSON.stringify({ engine, agent, host, at: String(at), discontinuities: [...discontinuities] });
}

/** Undefined for what is no such text: nothing then goes on. */
export function readRun(text: string): DeviceRun | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== "object" || value === null) return undefined;
  const { engine, agent, host, at, discontinuities } = value as Record<string, unknown>; // each is checked below
  if (typeof engine !== "string" || typeof agent !== "number" || typeof at !== "string") return undefined;
  if (!/^\d{1,19}$/.test(at) || !Number.isInteger(agent) || !Array.isArray(discontinuities)) return undefined;
  const uptime = { agent, host: typeof host === "number" && Number.isInteger(host) ? host : undefined, at: BigInt(at) };
  const pairs = discontinuities.filter(isPair);
  return { engine, uptime, discontinuities: new Map(pairs) };
}

function isPair(value: unknown): value is [number, number] {
  return Array.isArray(value) && value.length === 2 && value.every((part) => typeof part === "number");
}
