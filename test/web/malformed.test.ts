import assert from "node:assert/strict";
import { describe, type TestContext, test } from "node:test";
import { closed, rawConnection, serve } from "./client.ts";

/** The whole answer to those bytes, until the server ends the connection. */
async function answerTo(context: TestContext, port: number, bytes: string): Promise<string> {
  const socket = await rawConnection(context, port);
  let text = "";
  socket.setEncoding("latin1").on("data", (part: string) => {
    text += part;
  });
  socket.write(bytes);
  await closed(socket);
  return text;
}

describe("a request that HTTP/1.1 does not have", () => {
  for (const [what, bytes, status] of [
    ["two Host headers", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400],
    ["the same Host twice", "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", 400],
    ["no Host", "GET / HTTP/1.1\r\nConnection: close\r\n\r\n", 400],
    ["a Host that is none", "GET / HTTP/1.1\r\nHost: a/b@c\r\n\r\n", 400],
    ["no version", "GET /\r\n\r\n", 400],
    ["version 0.9", "GET / HTTP/0.9\r\nHost: a\r\n\r\n", 400],
    ["a transfer coding that nobody knows", "GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n", 501],
    [
      "a transfer coding before chunked",
      "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
      501,
    ],
  ] as const) {
    test(`is refused, and its connection ends: ${what}`, async (context) => {
      const { port, world } = await serve(context);
      world.fresh = () => Promise.reject(new Error("must not be asked"));
      const answer = await answerTo(context, port, bytes);
      assert.match(answer, new RegExp(`^HTTP/1\\.1 ${status} `));
      assert.match(answer, /^Connection: close/im);
      assert.equal(answer.match(/HTTP\/1\.1 \d/g)?.length, 1);
    });
  }

  test("leaves proper ones alone", async (context) => {
    const { port } = await serve(context);
    for (const host of ["a.example:10191", "[::1]:10191", "192.0.2.1", "x_y", ""]) {
      const request = `POST /-/healthy HTTP/1.1\r\nHost: ${host}\r\nTransfer-Encoding: Chunked\r\nConnection: close\r\n\r\n0\r\n\r\n`;
      assert.match(await answerTo(context, port, request), /^HTTP\/1\.1 405 /, host);
    }
    assert.match(await answerTo(context, port, "GET /-/healthy HTTP/1.0\r\n\r\n"), /^HTTP\/1\.1 200 /);
  });
});
