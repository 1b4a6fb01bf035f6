/** One structured line per transition, as logfmt (the Prometheus habit) or JSON. */

import { Writable } from "node:stream";
import pino from "pino";
import type { LogFormat } from "../../config/choices.ts";
import type { Fields, Log, LogLevel } from "../../log/log.ts";
import { printable, printableLines } from "../../log/printable.ts";

/** Lines go to standard error, written at once, so that the last one before an exit is not lost. */
export function createLog(level: LogLevel, format: LogFormat): Log {
  const target = stream(format === "json" ? (line) => printableLines(line) : logfmt);
  const logger = pino(
    {
      level,
      base: null,
      messageKey: "msg",
      timestamp: () => `,"ts":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
    },
    target,
  );
  const line =
    (name: LogLevel) =>
    (message: string, fields: Fields = {}): void =>
      logger[name](withoutBigints(fields), message);
  return { debug: line("debug"), info: line("info"), warn: line("warn"), error: line("error") };
}

function withoutBigints(fields: Fields): Record<string, unknown> {
  const entries = Object.entries(fields).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries.map(([key, value]) => [key, typeof value === "bigint" ? value.toString() : value]));
}

/** Standard error, for lines as `form` makes them of pino's. */
function stream(form: (line: string) => string): Writable {
  const stderr = pino.destination({ dest: 2, sync: true });
  return new Writable({
    decodeStrings: false,
    write(line: string, _encoding, done) {
      stderr.write(form(line));
      done();
    },
  });
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
