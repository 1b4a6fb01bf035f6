/**
 * How states look: the same word and colour wherever a state is shown. Colours are names of Grafana's palette, which follow the
 * theme; a word stands beside each, so that nothing depends on telling red from green.
 */

import { MappingType, type ValueMapping } from "@grafana/grafana-foundation-sdk/dashboard";

export interface Shown {
  readonly text: string;
  readonly color: string;
}

/** Mappings of 0, 1, 2 … to what is shown. */
export function mapping(states: readonly Shown[]): ValueMapping[] {
  const options = Object.fromEntries(states.map((state, index) => [String(index), { ...state, index }]));
  return [{ type: MappingType.ValueToText, options }];
}

export const GOOD = "green";
export const CAUTION = "yellow";
export const RISK = "orange";
export const BAD = "red";
export const IDLE = "blue";
export const NEUTRAL = "text";

/** What queries.ts calls redundancyLoss. */
export const REDUNDANCY = [
  { text: "full", color: GOOD },
  { text: "reduced", color: CAUTION },
  { text: "no redundancy", color: RISK },
  { text: "failed", color: BAD },
] as const;

export const GROUP_STATE = [
  { text: "ok", color: GOOD },
  { text: "degraded", color: RISK },
  { text: "failed", color: BAD },
] as const;

export const MEMBER_STATE = [
  { text: "active", color: GOOD },
  { text: "inactive", color: IDLE },
  { text: "offline", color: "purple" },
  { text: "failed", color: BAD },
] as const;

export const LINK = [
  { text: "down", color: BAD },
  { text: "up", color: GOOD },
] as const;

export const TARGETS = [
  { text: "answer", color: GOOD },
  { text: "mute", color: BAD },
] as const;

export const SUCCESS = [
  { text: "failed", color: BAD },
  { text: "ok", color: GOOD },
] as const;

export const ROLE = [
  { text: "member", color: NEUTRAL },
  { text: "standby", color: IDLE },
] as const;

export const PROVIDED = [
  { text: "absent", color: NEUTRAL },
  { text: "provided", color: GOOD },
] as const;
