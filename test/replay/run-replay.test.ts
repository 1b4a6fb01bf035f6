/** The command: streams in, streams out, whatever the pieces. */

import assert from "node:assert/strict";
import { Readable, Writable } from "node:stream";
import { describe, test } from "node:test";
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

async function output(
  pieces: readonly string[],
  ...args: string[]
): Promise<{ code: number; text: string; errors: string }> {
  const stdout = new Slow();
  const stderr = new Slow();
  const stdin = Readable.from(
    pieces.map((piece) => Buffer.from(piece, "latin1")),
    { objectMode: false },
  );
  const code = await runReplay(args, stdin, stdout, stderr);
  stderr.end();
  return { code, text: stdout.written, errors: stderr.written };
}

const CLOCK = '{"i":1,"op":"clock","errno":0,"result":5,"events":[]}\n';

describe("runReplay", () => {
  test("puts lines together however they arrive, and takes a last one without a newline", async () => {
    for (const pieces of [
      ['{"op":"clock","secs":5}\n'],
      ['{"op":"clo', 'ck","secs":5}', "\n"],
      ['{"op":"clock","secs":5}'],
    ]) {
      assert.deepEqual(await output(pieces), { code: 0, text: CLOCK, errors: "" });
    }
    assert.deepEqual(await output([]), { code: 0, text: "", errors: "" });
  });

  test("writes all of a long output to a slow reader", async () => {
    const { text } = await output(Array.from({ length: 3000 }, () => '{"op":"dump"}\n'));
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
    const { code, text } = await output(trace.map((line) => `${line}\n`));
    assert.equal(code, 0);
    assert.equal(text.split("\n").length, 6);
    assert.ok(text.includes('"panic":true'));
  });

  test("knows -e and nothing else", async () => {
    const ill = '{"ill_mactype":4,"ill_type":6,"ill_mtu":1500,"ill_phys_addr":""}';
    const trace = [
      `{"op":"plumb","phyint":"n","ifindex":1,"v4":${ill}}\n{"op":"get_xmit_ill","ill":"n/v4","is_unicast":true}\n`,
    ];
    assert.ok((await output(trace)).text.includes("ill_refhold"));
    assert.ok(!(await output(trace, "-e")).text.includes("ill_refhold"));
    const { code, text, errors } = await output(trace, "--quick");
    assert.deepEqual([code, text], [2, ""]);
    assert.match(errors, /"--quick".*-e/);
  });

  test("stops quietly when nobody reads any more, and fails when the output does", async () => {
    const broken = (code: string) =>
      new Writable({
        write: (_chunk, _encoding, done) => done(Object.assign(new Error("broken"), { code })),
      });
    const trace = () => Readable.from([Buffer.from('{"op":"dump"}\n')]);
    assert.equal(await runReplay([], trace(), broken("EPIPE")), 0);
    await assert.rejects(runReplay([], trace(), broken("ENOSPC")), /broken/);
  });
});
