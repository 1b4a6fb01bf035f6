/** How every part of the program says what it did: an event in a few words, and fields. Only the daemon writes it anywhere. */

/** Severities, the lowest first. */
export const LOG_LEVELS = ["debug", "info", "warn", "error"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** Fields of a line; one that is undefined is left out. What each line has anyway cannot be said again. */
export type Fields = Readonly<Record<string, unknown> & { ts?: never; level?: never; msg?: never }>;

export type Log = Readonly<Record<LogLevel, (message: string, fields?: Fields) => void>>;
