/** Passwords are compared where they slow nobody down, and nobody keeps others from having theirs compared. */

import assert from "node:assert/strict";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { type IncomingMessage, request } from "node:http";
import { join } from "node:path";
import { describe, type TestContext, test } from "node:test";
import { hashSync } from "bcryptjs";
import { createWeb } from "#src/web/web.js";
import { httpAddresses } from "../support/net-address.ts";
import { ask, aWorld, folder, optionsOf, rawConnection, until } from "./client.ts";

const basic = (text: string) => ({ Authorization: `Basic ${Buffer.from(text).toString("base64")}` });

async function serveUsers(context: TestContext, users: Readonly<Record<string, string>>) {
  const file = join(folder(context), "web.yml");
  writeFileSync(file, JSON.stringify({ basic_auth_users: users }));
  const world = aWorld();
  const web = createWeb({ ...optionsOf(world), webConfigFile: file, maxRequests: 1, exporterMetrics: true });
  context.after(() => web.close(0));
  const [address = ""] = await web.listen(httpAddresses("127.0.0.1:0"));
  return { port: Number(address.split(":")[1]), world };
}

/** A request from that address of loopback. */
async function askFrom(localAddress: string, port: number, password: string): Promise<number> {
  const outgoing = request({
    host: "127.0.0.1",
    localAddress,
    port,
    path: "/metrics",
    agent: false,
    headers: basic(password),
  });
  outgoing.end();
  const [incoming] = (await once(outgoing, "response")) as [IncomingMessage]; // the one argument of "response"
  incoming.resume();
  return incoming.statusCode ?? 0;
}

describe("a wrong password", () => {
  test("is remembered: it costs its sender no second comparison", async (context) => {
    const { port } = await serveUsers(context, { ali: hashSync("open sesame", 12) });
    const timed = async (): Promise<number> => {
      const began = performance.now();
      assert.equal((await ask({ port, path: "/", headers: basic("ali:wrong") })).status, 401);
      return performance.now() - began;
    };
    const first = await timed();
    const again = [];
    for (let count = 0; count < 10; count++) again.push(await timed());
    assert.ok(Math.max(...again) < first, `${again} ms after ${first} ms`);
  });

  test("keeps nobody else waiting: not who is known already, nor who comes from elsewhere", async (context) => {
    const { port } = await serveUsers(context, { ali: hashSync("open sesame", 10), bob: hashSync("other", 10) });
    assert.equal(await askFrom("127.0.0.1", port, "ali:open sesame"), 200);
    let done = false;
    const guesses: number[] = [];
    const guessers = Array.from({ length: 40 }, async (_, guesser) => {
      for (let count = 0; !done; count++)
        guesses.push(await askFrom("127.0.0.2", port, `ali:guess ${guesser} ${count}`));
    });
    await until(() => guesses.includes(503), "more guesses than may wait");
    for (let count = 0; count < 20; count++) assert.equal(await askFrom("127.0.0.1", port, "ali:open sesame"), 200);
    assert.equal(await askFrom("127.0.0.3", port, "bob:other"), 200, "a first time, among guessers");
    done = true;
    await Promise.all(guessers);
    assert.ok(!guesses.includes(200));
    const { text } = await ask({ port, path: "/metrics", headers: basic("ali:open sesame") });
    assert.match(text, /^ipmp_web_passwords_refused_total\{reason="busy"\} [1-9]/m);
    assert.match(text, /^ipmp_web_passwords_refused_total\{reason="wrong"\} [1-9]/m);
  });

  test("of a user that does not exist takes as long as that of the dearest one", async (context) => {
    const { port } = await serveUsers(context, { cheap: hashSync("x", 4), dear: hashSync("x", 12) });
    const timed = async (user: string): Promise<number> => {
      const began = performance.now();
      assert.equal((await ask({ port, path: "/", headers: basic(`${user}:wrong`) })).status, 401);
      return performance.now() - began;
    };
    await timed("cheap"); // begins the thread
    const dear = await timed("dear");
    const nobody = await timed("nobody");
    assert.ok(nobody > dear / 2, `${nobody} ms beside ${dear} ms`);
  });
});

test("a client that goes while its password is compared holds no slot", async (context) => {
  const { port } = await serveUsers(context, { ali: hashSync("open sesame", 11) });
  for (let count = 0; count < 3; count++) {
    const socket = await rawConnection(context, port);
    const { Authorization } = basic("ali:open sesame");
    socket.write(`GET /metrics HTTP/1.1\r\nHost: x\r\nAuthorization: ${Authorization}\r\n\r\n`);
    await new Promise(setImmediate);
    socket.resetAndDestroy();
  }
  await until(
    async () => (await ask({ port, path: "/metrics", headers: basic("ali:open sesame") })).status === 200,
    "the only slot to be free",
  );
});
