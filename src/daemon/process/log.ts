/** One structured line per transition, as logfmt (the Prometheus habit) or JSON. */

import { inspect } from "node:util";
import type { LogFormat } from "../../config/choices.ts";
import { type Fields, LOG_LEVELS, type Log, type LogLevel } from "../../log/log.ts";
import { printable, printableLines } from "../../log/printable.ts";
import type { LogSink } from "./log-sink.ts";

/** Writes one line, with its newline. */
type Form = (ts: string, level: LogLevel, msg: string, fields: Fields) => string;

const FORMS: Readonly<Record<LogFormat, Form>> = { json, logfmt };

/** Lines go to `sink`. When it has lost some, a line says so as soon as one can be written. */
export function createLog(level: LogLevel, format: LogFormat, sink: LogSink): Log {
  const form = FORMS[format];
  const written = LOG_LEVELS.slice(LOG_LEVELS.indexOf(level));
  const line = (name: LogLevel): Log[LogLevel] => {
    if (!written.includes(name)) return () => {};
    return (message, fields = {}) => sink.write(form(new Date().toISOString(), name, message, fields));
  };
  const log = { debug: line("debug"), info: line("info"), warn: line("warn"), error: line("error") };
  sink.onRecovery = (lines) => log.warn("lines of the log were lost", { lines });
  return log;
}

function json(ts: string, level: LogLevel, msg: string, fields: Fields): string {
  const line: Record<string, unknown> = { level, ts };
  for (const [key, value] of Object.entries(fields)) line[key] = plain(value);
  line["msg"] = msg;
  return printableLines(`${JSON.stringify(line)}\n`);
}

/** `ts=… level=info msg="member failed" group=ipmp0`. */
export function logfmt(ts: string, level: LogLevel, msg: string, fields: Fields): string {
  let line = `ts=${ts} level=${level} msg=${quote(msg)}`;
  for (const [key, value] of Object.entries(fields))
    if (value !== undefined) line += ` ${key}=${quote(String(plain(value)))}`;
  return `${line}\n`;
}

/** Of an error its message, and of any other object what a debugger would show: whatever was thrown can be logged. */
function plain(value: unknown): unknown {
  if (value instanceof Error) return value.message;
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value === "object" && value !== null) return inspect(value, { breakLength: Number.POSITIVE_INFINITY });
  return typeof value === "bigint" ? value.toString() : value;
}

function quote(value: string): string {
  return /^[^\s"=]+$/.test(value) && printable(value) === value ? value : printable(JSON.stringify(value));
}
