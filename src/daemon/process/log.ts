/** One structured line per transition, as logfmt (the Prometheus habit) or JSON. */

import pino from "pino";
import type { LogFormat } from "../../config/choices.ts";
import type { Fields, Log, LogLevel } from "../../log/log.ts";
import { printable, printableLines } from "../../log/printable.ts";
import type { LogSink } from "./log-sink.ts";

/** Lines go to `sink`. When it has lost some, a line says so as soon as one can be written. */
export function createLog(level: LogLevel, format: LogFormat, sink: LogSink): Log {
  const form = format === "json" ? printableLines : logfmt;
  const logger = pino(
    {
      level,
      base: null,
      messageKey: "msg",
      timestamp: () => `,"ts":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
    },
    { write: (line: string) => sink.write(form(line)) },
  );
  const line =
    (name: LogLevel) =>
    (message: string, fields: Fields = {}): void =>
      logger[name](asJson(fields), message);
  const log = { debug: line("debug"), info: line("info"), warn: line("warn"), error: line("error") };
  sink.onRecovery = (lines) => log.warn("lines of the log were lost", { lines });
  return log;
}

/** Of an error its message; of what JSON does not know its text. */
function asJson(fields: Fields): Record<string, unknown> {
  const entries = Object.entries(fields).filter(([, value]) => value !== undefined);
  return Object.fromEntries(
    entries.map(([key, value]) => {
      if (value instanceof Error) return [key, value.message];
      return [key, typeof value === "bigint" ? value.toString() : value];
    }),
  );
}

/** A JSON line as logfmt: `ts=… level=info msg="member failed" group=ipmp0`. */
export function logfmt(line: string): string {
  const { ts, level, msg, ...fields } = JSON.parse(line) as Record<string, unknown>; // pino wrote it just now
  const pairs = Object.entries({ ts, level, msg, ...fields }).map(([key, value]) => `${key}=${quote(String(value))}`);
  return `${pairs.join(" ")}\n`;
}

function quote(value: string): string {
  return /^[^\s"=]+$/.test(value) && printable(value) === value ? value : printable(JSON.stringify(value));
}
