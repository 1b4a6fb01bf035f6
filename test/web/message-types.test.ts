import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import express from "express";
import { messageTypes } from "#src/web/message-types.js";
import { ask } from "./client.ts";

test("Express finds requests and responses as it wants them, and changes no prototype", async (context) => {
  const app = express();
  const types = messageTypes(app);
  app.get("/", (request, response) => {
    response.json({ path: request.path, app: request.app === app && response.app === app });
  });
  const kinds = (request: IncomingMessage, response: ServerResponse): object[] => [
    Object.getPrototypeOf(request) as object,
    Object.getPrototypeOf(response) as object,
  ];
  const seen: object[][] = [];
  const server = createServer(types, (request, response) => {
    const before = kinds(request, response);
    app(request, response);
    seen.push(before, kinds(request, response));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  context.after(() => server.close());
  const { port } = server.address() as AddressInfo; // it listens on TCP
  const { text } = await ask({ port, path: "/" });
  assert.deepEqual(JSON.parse(text), { path: "/", app: true });
  const [before = [], after = []] = seen;
  assert.equal(before.length, 2);
  for (const [index, kind] of before.entries()) assert.equal(after[index], kind);
});
