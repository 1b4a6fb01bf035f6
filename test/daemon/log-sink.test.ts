import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { closeSync, constants, openSync, readFileSync, readSync, writeFileSync } from "node:fs";
import { createServer, connect, type Socket } from "node:net";
import { join } from "node:path";
import { describe, type TestContext, test } from "node:test";
import { createLog } from "#src/daemon/process/log.js";
import { LogSink } from "#src/daemon/process/log-sink.js";
import { scratch } from "../support/scratch.ts";
import { eventually } from "../support/wait.ts";

const { O_RDONLY, O_WRONLY, O_RDWR, O_NONBLOCK } = constants;

function opened(t: TestContext, path: string, flags: number): number {
  const fd = openSync(path, flags);
  t.after(() => closeSync(fd));
  return fd;
}

function fifo(t: TestContext): string {
  const path = join(scratch(t), "fifo");
  execFileSync("mkfifo", [path]);
  return path;
}

/** What lies in a pipe now. */
function drain(fd: number): string {
  const buffer = Buffer.alloc(1 << 16);
  let text = "";
  try {
    for (let count = readSync(fd, buffer); count > 0; count = readSync(fd, buffer))
      text += buffer.toString("utf8", 0, count);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EAGAIN")) throw error;
  }
  return text;
}

const line = (n: number) => `${n} ${"x".repeat(200)}\n`;

describe("the sink of the log", () => {
  test("writes lines to a file in their order", async (t) => {
    const path = join(scratch(t), "log");
    writeFileSync(path, "");
    const sink = new LogSink(opened(t, path, O_WRONLY));
    const lines = Array.from({ length: 2_000 }, (_, n) => line(n));
    for (const each of lines) sink.write(each);
    await sink.flush(60_000);
    assert.equal(readFileSync(path, "utf8"), lines.join(""));
    assert.equal(sink.dropped, 0);
  });

  test("counts what a full disk refuses, and goes on", async (t) => {
    const sink = new LogSink(opened(t, "/dev/full", O_WRONLY));
    for (let n = 0; n < 3; n++) sink.write(line(n));
    await sink.flush(60_000);
    sink.write(line(3));
    await sink.flush(60_000);
    assert.equal(sink.dropped, 4);
  });

  test("keeps what a stopped reader has not taken, up to a bound, and loses whole lines beyond", async (t) => {
    const path = fifo(t);
    const reader = opened(t, path, O_RDWR | O_NONBLOCK);
    const sink = new LogSink(opened(t, path, O_WRONLY | O_NONBLOCK));
    const written = 20_000;
    for (let n = 0; n < written; n++) sink.write(line(n));
    assert.ok(sink.dropped > 0, "more was written than may wait");
    let read = "";
    await eventually(
      () => {
        read += drain(reader);
        return read.split("\n").length - 1 === written - sink.dropped;
      },
      () => `${read.split("\n").length - 1} lines of ${written} were read, ${sink.dropped} lost`,
    );
    assert.equal(read, Array.from({ length: written - sink.dropped }, (_, n) => line(n)).join(""));
  });

  test("goes on when a reader that was gone is back, and says how many lines were lost", async (t) => {
    const path = fifo(t);
    const first = openSync(path, O_RDONLY | O_NONBLOCK);
    const sink = new LogSink(opened(t, path, O_WRONLY));
    const log = createLog("info", "logfmt", sink);
    closeSync(first);
    log.info("one");
    log.info("two");
    await sink.flush(60_000);
    assert.equal(sink.dropped, 2);
    const second = opened(t, path, O_RDONLY | O_NONBLOCK);
    log.info("three");
    await sink.flush(60_000);
    assert.match(
      drain(second),
      /^ts=\S+ level=info msg=three\nts=\S+ level=warn msg="lines of the log were lost" lines=2\n$/,
    );
  });

  test("does not wait for the reader of a socket", async (t) => {
    const path = join(scratch(t), "socket");
    const server = createServer({ pauseOnConnect: true }).listen(path);
    t.after(() => server.close());
    const accepted = new Promise<Socket>((resolve) => server.once("connection", resolve));
    const client = connect(path);
    const peer = await accepted;
    t.after(() => [client, peer].map((socket) => socket.destroy()));
    // Its descriptor, as a service manager hands one over: Node shows it to nobody else.
    const { fd } = (client as unknown as { _handle: { fd: number } })._handle;
    const sink = new LogSink(fd);
    const written = 20_000;
    for (let n = 0; n < written; n++) sink.write(line(n));
    const dropped = sink.dropped;
    assert.ok(dropped > 0, "more was written than may wait");
    let lines = 0;
    peer.on("data", (bytes: Buffer) => {
      lines += bytes.toString("latin1").split("\n").length - 1;
    });
    peer.resume();
    await eventually(
      () => lines === written - dropped,
      () => `${lines} lines of ${written} were read, ${dropped} lost`,
    );
    peer.destroy();
    await eventually(
      () => {
        sink.write(line(0));
        return sink.dropped > dropped;
      },
      () => "a line for a reader that is gone is not counted",
    );
  });

  test("ends the line that a full disk has torn before the next one", async (t) => {
    const path = fifo(t);
    const reader = openSync(path, O_RDWR | O_NONBLOCK);
    const sink = new LogSink(opened(t, path, O_WRONLY));
    for (let n = 0; n < 1_000; n++) sink.write(line(n)); // three times what a pipe holds: a line is torn
    let read = "";
    await eventually(
      () => {
        read += drain(reader);
        return read.includes("\n");
      },
      () => "nothing was written",
    );
    assert.ok(!read.includes(line(999)));
    closeSync(reader);
    await eventually(
      () => sink.dropped > 0,
      () => "a reader that is gone loses no line",
    );
    const again = opened(t, path, O_RDWR | O_NONBLOCK);
    sink.write("next\n");
    await eventually(
      () => {
        read += drain(again);
        return read.includes("next\n");
      },
      () => `the next line is not there: …${read.slice(-300)}`,
    );
    assert.match(read, /(^|\n)next\n/);
  });

  test("gives up each line once when the disk stays full after it has torn one", async (t) => {
    const path = fifo(t);
    const reader = openSync(path, O_RDWR | O_NONBLOCK);
    const sink = new LogSink(opened(t, path, O_WRONLY));
    sink.write(`${"x".repeat(1_000_000)}\n`); // many times what a pipe holds
    for (let n = 0; n < 9; n++) sink.write(line(n));
    await eventually(
      () => drain(reader) !== "",
      () => "nothing was written",
    );
    closeSync(reader);
    await sink.flush(60_000);
    assert.equal(sink.dropped, 10);
    sink.write("one\n");
    await sink.flush(60_000);
    assert.equal(sink.dropped, 11);
  });
});
