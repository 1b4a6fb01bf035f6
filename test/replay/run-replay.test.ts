/** The command: streams in, streams out, whatever the pieces. */

import assert from "node:assert/strict";
import { Readable, Writable } from "node:stream";
import { describe, test } from "node:test";
import { Replay } from "#src/replay/replay.js";
import { runReplay } from "#src/replay/run-replay.js";

/** Keeps what is written; slow, so that the writer has to wait. */
class Slow extends Writable {
  written = "";

  constructor() {
    super({ highWaterMark: 16 });
  }
  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.written += chunk.toString("latin1");
    setImmediate(done);
  }
}

async function output(pieces: readonly string[], run = new Replay(false)): Promise<string> {
  const stdout = new Slow();
  const stdin = Readable.from(
    pieces.map((piece) => Buffer.from(piece, "latin1")),
    { objectMode: false },
  );
  await runReplay(run, stdin, stdout);
  return stdout.written;
}

const CLOCK = '{"i":1,"op":"clock","errno":0,"result":5,"events":[]}\n';

describe("runReplay", () => {
  test("puts lines together however they arrive, and takes a last one without a newline", async () => {
    for (const pieces of [
      ['{"op":"clock","secs":5}\n'],
      ['{"op":"clo', 'ck","secs":5}', "\n"],
      ['{"op":"clock","secs":5}'],
    ]) {
      assert.equal(await output(pieces), CLOCK);
    }
    assert.equal(await output([]), "");
  });

  test("writes all of a long output to a slow reader", async () => {
    const text = await output(Array.from({ length: 3000 }, () => '{"op":"dump"}\n'));
    const lines = text.split("\n");
    assert.equal(lines.length, 3001);
    assert.ok(lines[2999]?.startsWith('{"i":3000,'));
  });

  test("ignores what follows a panic, and that is no failure", async () => {
    const ill = '{"ill_mactype":4,"ill_type":6,"ill_mtu":1500,"ill_phys_addr":""}';
    const trace = [
      `{"op":"plumb","phyint":"m","ifindex":1,"ipmp":true,"v4":${ill}}`,
      '{"op":"grp_create","grname":"m","phyint":"m"}',
      '{"op":"grp_rename","grp":"m","grname":"n"}',
      `{"op":"plumb","phyint":"o","ifindex":2,"ipmp":true,"v4":${ill}}`,
      '{"op":"grp_create","grname":"n","phyint":"o"}',
      '{"op":"dump"}',
    ];
    const text = await output(trace.map((line) => `${line}\n`));
    assert.equal(text.split("\n").length, 6);
    assert.ok(text.includes('"panic":true'));
  });

  test("stops quietly when nobody reads any more, and fails when the output does", async () => {
    const broken = (code: string) =>
      new Writable({
        write: (_chunk, _encoding, done) => done(Object.assign(new Error("broken"), { code })),
      });
    const trace = () => Readable.from([Buffer.from('{"op":"dump"}\n')]);
    await runReplay(new Replay(false), trace(), broken("EPIPE"));
    await assert.rejects(runReplay(new Replay(false), trace(), broken("ENOSPC")), /broken/);
  });
});
