import assert from "node:assert/strict";
import { closeSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, type TestContext, test } from "node:test";
import type { LogFormat } from "#src/config/choices.js";
import { createLog } from "#src/daemon/process/log.js";
import { LogSink } from "#src/daemon/process/log-sink.js";
import type { Log, LogLevel } from "#src/log/log.js";
import { scratch } from "../support/scratch.ts";

/** What `write` logs, with `T` for every time. */
async function logged(t: TestContext, level: LogLevel, format: LogFormat, write: (log: Log) => void): Promise<string> {
  const path = join(scratch(t), "log");
  const fd = openSync(path, "w");
  t.after(() => closeSync(fd));
  const sink = new LogSink(fd);
  write(createLog(level, format, sink));
  await sink.flush(60_000);
  return readFileSync(path, "utf8").replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/g, "T");
}

const tell = (log: Log): void => {
  log.info("said");
  log.warn("a few words", {
    group: "ipmp0",
    from: undefined,
    count: 3,
    octets: 2n ** 64n - 1n,
    isHeld: false,
    cause: 'a "b" c=d',
    error: new Error("no\nroute"),
    device: "eth\u202e\u001b",
  });
};

describe("a log", () => {
  test("has the fields of a line behind its message, as logfmt", async (t) =>
    assert.equal(
      await logged(t, "info", "logfmt", tell),
      'ts=T level=info msg=said\nts=T level=warn msg="a few words" group=ipmp0 count=3 octets=18446744073709551615 ' +
        'isHeld=false cause="a \\"b\\" c=d" error="no\\nroute" device="eth\\u202e\\u001b"\n',
    ));

  test("has them before its message, as JSON", async (t) =>
    assert.equal(
      await logged(t, "info", "json", tell),
      '{"level":"info","ts":"T","msg":"said"}\n{"level":"warn","ts":"T","group":"ipmp0","count":3,' +
        '"octets":"18446744073709551615","isHeld":false,"cause":"a \\"b\\" c=d","error":"no\\nroute",' +
        '"device":"eth\\u202e\\u001b","msg":"a few words"}\n',
    ));

  test("takes whatever somebody has thrown", async (t) => {
    const cyclic: Record<string, unknown> = {};
    cyclic["self"] = cyclic;
    const toJSON = () => ({ no: "message" });
    const thrown = {
      bare: Object.assign(Object.create(null), { code: 1n }) as unknown,
      cyclic,
      date: new Date(0),
      error: Object.assign(new Error("no route"), { toJSON }),
      list: ["eth0", 2n, new Error("down")],
      nothing: null,
      text: { toString: () => assert.fail("called by the log") },
    };
    const write = (log: Log): void => log.error("failed", thrown);
    assert.equal(
      await logged(t, "info", "logfmt", write),
      'ts=T level=error msg=failed bare="[Object: null prototype] { code: 1n }" ' +
        'cyclic="<ref *1> { self: [Circular *1] }" date=T error="no route" list=eth0,2,down nothing=null ' +
        'text="{ toString: [Function: toString] }"\n',
    );
    assert.equal(
      await logged(t, "info", "json", write),
      '{"level":"error","ts":"T","bare":"[Object: null prototype] { code: 1n }",' +
        '"cyclic":"<ref *1> { self: [Circular *1] }","date":"T","error":"no route","list":["eth0","2","down"],' +
        '"nothing":null,"text":"{ toString: [Function: toString] }","msg":"failed"}\n',
    );
  });

  test("leaves out what is below its level", async (t) => {
    const all = (log: Log): void => {
      for (const level of ["debug", "info", "warn", "error"] as const) log[level](level);
    };
    const levels = async (level: LogLevel) =>
      (await logged(t, level, "logfmt", all)).match(/(?<=msg=)\w+/g)?.join(" ") ?? "";
    assert.equal(await levels("debug"), "debug info warn error");
    assert.equal(await levels("info"), "info warn error");
    assert.equal(await levels("error"), "error");
  });
});
