/** Colour for a terminal, where somebody looks and has not asked for none (no-color.org). */

import { styleText } from "node:util";
import type { Terminal } from "./command.ts";

/** What a text is, which says how it looks. A word always says the same. */
export type Tone = "good" | "warning" | "bad" | "quiet" | "strong";

const FORMATS = { good: "green", warning: "yellow", bad: "red", quiet: "dim", strong: "bold" } as const;

export type Ink = (tone: Tone, text: string) => string;

export const PLAIN: Ink = (_tone, text) => text;

/** The stream is not asked whether it takes colours: who uses this has done so. */
export const COLOURED: Ink = (tone, text) => styleText(FORMATS[tone], text, { validateStream: false });

export function inkOf({ stdout, env }: Terminal): Ink {
  const { NO_COLOR, TERM } = env;
  return stdout.isTTY && !NO_COLOR && TERM !== "dumb" ? COLOURED : PLAIN;
}

/** The tone of every state of a group or a member. */
export const TONES: Readonly<Record<"ok" | "degraded" | "failed" | "active" | "inactive" | "offline", Tone>> = {
  ok: "good",
  degraded: "warning",
  failed: "bad",
  active: "good",
  inactive: "quiet",
  offline: "quiet",
};
