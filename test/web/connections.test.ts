import assert from "node:assert/strict";
import { Agent } from "node:http";
import { connect, Socket } from "node:net";
import { join } from "node:path";
import { describe, type TestContext, test } from "node:test";
import type { Transition } from "#src/snapshot/event.js";
import { Connections, within } from "#src/web/connections.js";
import { aSnapshot, EXAMPLE } from "../support/snapshot.ts";
import { httpAddresses } from "../support/net-address.ts";
import { ask, closed, connected, folder, gate, isServed, rawConnection, serve, until } from "./client.ts";

const HAPPENED: Transition = { kind: "group-added", group: "ipmp0", cause: "start" };
const GET = (path: string, more = ""): string => `GET ${path} HTTP/1.1\r\nHost: localhost\r\n${more}\r\n`;
const STREAM = GET("/api/v1/events", "Accept: text/event-stream\r\n");

/** What comes back on a connection, until it ends. */
function answersOn(socket: Socket): { readonly text: () => string; readonly ended: Promise<void> } {
  let text = "";
  socket.setEncoding("latin1").on("data", (part: string) => {
    text += part;
  });
  return { text: () => text, ended: closed(socket) };
}

const statuses = (text: string): string[] => [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, code = ""]) => code);

/** An error that nobody listens for ends the program; here the test fails of it. */
function failsOnUncaught(context: TestContext): void {
  const fail = (error: Error): void => {
    throw error;
  };
  process.on("uncaughtException", fail);
  context.after(() => process.off("uncaughtException", fail));
}

describe("requests that are sent before the answers to earlier ones have come", () => {
  test("are answered in their order, one at a time", async (context) => {
    const { port, world } = await serve(context);
    let inProgress = 0;
    let most = 0;
    world.fresh = async () => {
      most = Math.max(most, ++inProgress);
      await new Promise(setImmediate);
      inProgress--;
      return EXAMPLE;
    };
    const socket = await rawConnection(context, port);
    const { text, ended } = answersOn(socket);
    socket.write(
      GET("/api/v1/links") + GET("/nowhere") + GET("/api/v1/status") + GET("/-/healthy", "Connection: close\r\n"),
    );
    await ended;
    assert.deepEqual(statuses(text()), ["200", "404", "200", "200"]);
    assert.match(text(), /healthy/);
    assert.equal(most, 1);
  });

  test("keep no place when their connection ends", async (context) => {
    const { port, world } = await serve(context, { maxRequests: 2, streamLimits: { streams: 2 } });
    const { opened, open } = gate();
    let asked = 0;
    world.fresh = async () => {
      asked++;
      await opened;
      return EXAMPLE;
    };
    const socket = await rawConnection(context, port);
    socket.write(GET("/metrics").repeat(8) + STREAM.repeat(8));
    await until(() => asked === 1, "the first is in progress");
    socket.destroy();
    await closed(socket);
    open();
    await until(async () => (await ask({ port, path: "/metrics" })).status === 200, "the places to be free");
    const both = await Promise.all([ask({ port, path: "/metrics" }), ask({ port, path: "/metrics" })]);
    assert.deepEqual(
      both.map(({ status }) => status),
      [200, 200],
    );
  });

  test("that are more than anybody needs end the connection", async (context) => {
    const { port, world } = await serve(context);
    world.fresh = () => new Promise(() => {});
    const socket = await rawConnection(context, port);
    const { ended } = answersOn(socket);
    socket.write(GET("/metrics").repeat(1000));
    await ended;
    assert.equal((await ask({ port, path: "/-/healthy" })).status, 200);
  });

  test("that are more than anybody needs cost their address connections, and no other one", async (context) => {
    const openingsOfOne = { intervalMs: 3_600_000, burst: 51 };
    const { port, world } = await serve(context, { limits: { openingsOfOne } });
    world.fresh = () => new Promise(() => {});
    const greedy = await connectionFrom(context, "127.0.0.2", port);
    const { ended } = answersOn(greedy);
    greedy.write(GET("/metrics").repeat(1000));
    await ended;
    await assert.rejects(ask({ port, path: "/-/healthy", localAddress: "127.0.0.2" }));
    assert.equal((await ask({ port, path: "/-/healthy", localAddress: "127.0.0.3" })).status, 200);
  });

  test("behind an event stream wait for its end, and hold no other stream's place", async (context) => {
    const { port } = await serve(context, { streamLimits: { streams: 2 } });
    const socket = await rawConnection(context, port);
    const { text } = answersOn(socket);
    socket.write(STREAM.repeat(10));
    await until(() => statuses(text()).length === 1, "the first stream");
    const other = await rawConnection(context, port);
    const beside = answersOn(other);
    other.write(STREAM);
    await until(() => beside.text().length > 0, "a stream on another connection");
    assert.deepEqual(statuses(beside.text()), ["200"]);
    assert.deepEqual(statuses(text()), ["200"]);
  });
});

describe("a client that goes or does not read", () => {
  test("is no reason to end the program when its stream has lived long enough", async (context) => {
    failsOnUncaught(context);
    const { port, world } = await serve(context, {
      streamLimits: { streams: 3, lifetimeMs: 100, heartbeatMs: 5, unreadMs: 2 ** 30 },
    });
    const socket = await rawConnection(context, port);
    socket.pause();
    socket.write(STREAM.repeat(3));
    // More than the sockets of both sides hold, so that its end cannot be delivered.
    const long = { ...HAPPENED, cause: "x".repeat(100_000) };
    for (let count = 0; count < 100; count++) {
      world.events.append(long, 0);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    world.events.append(long, 0);
    socket.destroy();
    await until(async () => {
      const next = await rawConnection(context, port);
      const { text } = answersOn(next);
      next.write(STREAM);
      await until(() => statuses(text()).length > 0, "an answer");
      next.destroy();
      return statuses(text())[0] === "200";
    }, "the stream's place");
  });

  test("is no reason to end the program when its answer comes after its connection was cut", async (context) => {
    failsOnUncaught(context);
    const { port, world } = await serve(context, { limits: { responseMs: 100 } });
    const { opened, open } = gate();
    world.fresh = async () => {
      await opened;
      return EXAMPLE;
    };
    for (const path of ["/metrics", "/api/v1/groups"]) {
      const socket = await rawConnection(context, port);
      const { ended } = answersOn(socket);
      socket.write(GET(path));
      await ended;
    }
    open();
    world.fresh = () => Promise.resolve(aSnapshot());
    await until(() => isServed(port), "the next to be served");
  });
});

/** A connection from that address of loopback, which all belong to this machine. */
async function connectionFrom(context: TestContext, localAddress: string, port: number): Promise<Socket> {
  const socket = connect({ port, host: "127.0.0.1", localAddress });
  context.after(() => socket.destroy());
  return connected(socket);
}

describe("connections that do nothing", () => {
  test("give way, the one that has been idle longest first", async (context) => {
    const { port } = await serve(context, { limits: { connections: 2 } });
    const [first, second] = [await rawConnection(context, port), await rawConnection(context, port)];
    const answer = answersOn(first);
    first.write(GET("/-/healthy"));
    await until(() => statuses(answer.text()).length === 1, "the first has been used since");
    const gone = closed(second);
    second.resume();
    assert.equal((await ask({ port, path: "/-/healthy" })).status, 200);
    await gone;
    first.write(GET("/-/healthy"));
    await until(() => statuses(answer.text()).length === 2, "the first is still there");
  });

  test("never cost a request in progress its connection", async (context) => {
    const { port, world } = await serve(context, { limits: { connections: 2 } });
    const { opened, open } = gate();
    let asked = 0;
    world.fresh = async () => {
      asked++;
      await opened;
      return EXAMPLE;
    };
    const slow = [ask({ port, path: "/api/v1/links" }), ask({ port, path: "/api/v1/links" })];
    await until(() => asked === slow.length, "both are in progress");
    const third = await rawConnection(context, port);
    third.resume();
    await closed(third);
    open();
    assert.deepEqual(
      (await Promise.all(slow)).map(({ status }) => status),
      [200, 200],
    );
  });

  test("of one address are not more than its share", async (context) => {
    const { port } = await serve(context, { limits: { connections: 100, connectionsOfOne: 3 } });
    const theirs = [];
    for (let count = 0; count < 3; count++) theirs.push(await connectionFrom(context, "127.0.0.2", port));
    const other = await connectionFrom(context, "127.0.0.3", port);
    const [oldest] = theirs;
    assert.ok(oldest);
    oldest.resume();
    const gone = closed(oldest);
    await connectionFrom(context, "127.0.0.2", port);
    await gone;
    const answer = answersOn(other);
    other.write(GET("/-/healthy"));
    await until(() => statuses(answer.text()).length === 1, "another address is not concerned");
  });

  test("of a crowd cost others nothing: each new scrape is served", async (context) => {
    const { port, world } = await serve(context);
    const crowd = [];
    for (let count = 0; count < 600; count++) crowd.push(await connectionFrom(context, "127.0.0.2", port));
    for (let count = 0; count < 20; count++) assert.equal((await ask({ port, path: "/metrics" })).status, 200);
    assert.ok(
      world.log.some(({ level, message }) => level === "warn" && message.includes("connections")),
      "the log tells of it",
    );
  });
});

describe("places for requests", () => {
  test("go to an address that holds none before one that holds many", async (context) => {
    const { port, world } = await serve(context, { maxRequests: 4 });
    const { opened, open } = gate();
    let asked = 0;
    world.fresh = async () => {
      asked++;
      await opened;
      return EXAMPLE;
    };
    const greedy = [];
    for (let count = 0; count < 4; count++) {
      const socket = await connectionFrom(context, "127.0.0.2", port);
      socket.write(GET("/metrics"));
      greedy.push(answersOn(socket));
    }
    await until(() => asked === greedy.length, "they are in progress");
    const modest = ask({ port, path: "/metrics" });
    const [first] = greedy;
    await first?.ended;
    open();
    assert.equal((await modest).status, 200);
  });
});

describe("connections that one address opens too often", () => {
  const openingsOfOne = { intervalMs: 3_600_000, burst: 5 };

  test("are closed before anything is read from them, and counted", async (context) => {
    const { port, web } = await serve(context, { limits: { openingsOfOne }, exporterMetrics: true });
    const path = join(folder(context), "web.sock");
    await web.listen(httpAddresses(`unix:${path}`));
    for (let count = 0; count < 5; count++) assert.equal((await ask({ port, path: "/-/healthy" })).status, 200);
    for (let count = 0; count < 3; count++) {
      const socket = await rawConnection(context, port);
      const { text, ended } = answersOn(socket);
      socket.write(GET("/-/healthy"));
      await ended;
      assert.equal(text(), "");
    }
    const { text } = await ask({ socketPath: path, path: "/metrics" });
    assert.match(text, /^ipmp_web_connections_closed_total\{reason="too_often"\} 3$/m);
  });

  test("do not keep another address from opening its own, nor one that has a connection from using it", async (context) => {
    const { port } = await serve(context, { limits: { openingsOfOne } });
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    context.after(() => agent.destroy());
    for (let count = 0; count < 20; count++) {
      assert.equal((await ask({ port, path: "/-/healthy", agent })).status, 200);
    }
    for (let count = 0; count < 4; count++) assert.equal((await ask({ port, path: "/-/healthy" })).status, 200);
    await assert.rejects(ask({ port, path: "/-/healthy" }));
    assert.equal((await ask({ port, path: "/-/healthy", localAddress: "127.0.0.2" })).status, 200);
  });

  test("are no matter on a Unix socket", async (context) => {
    const { web } = await serve(context, { limits: { openingsOfOne } });
    const socketPath = join(folder(context), "web.sock");
    await web.listen(httpAddresses(`unix:${socketPath}`));
    for (let count = 0; count < 20; count++) {
      assert.equal((await ask({ socketPath, path: "/-/healthy" })).status, 200);
    }
  });
});

test("addresses that are listened on share half of the descriptors that the system allows", () => {
  const bounds = { connections: 512, connectionsOfOne: 128, openingsOfOne: { intervalMs: 1, burst: 1 } };
  const of = (descriptors: number, addresses: number): readonly number[] => {
    const { connections, connectionsOfOne } = within(bounds, descriptors, addresses);
    return [connections, connectionsOfOne];
  };
  assert.deepEqual(of(Number.POSITIVE_INFINITY, 3), [512, 128]);
  assert.deepEqual(of(1024, 1), [512, 128]);
  assert.deepEqual(of(1024, 2), [256, 64]);
  assert.deepEqual(of(96, 3), [16, 4]);
  assert.deepEqual(of(3, 4), [1, 1]);
});

test("a connection that has ended before it was accepted is closed, and is nobody's", () => {
  const told: string[] = [];
  const openingsOfOne = { intervalMs: 1, burst: 1 };
  const connections = new Connections({ connections: 1, connectionsOfOne: 1, openingsOfOne }, (relief) =>
    told.push(relief),
  );
  for (let count = 0; count < 3; count++) {
    // Without a peer: what the system has of a connection that was reset.
    const socket = new Socket();
    assert.equal(connections.accept(socket, true), false);
    assert.ok(socket.destroyed);
  }
  assert.deepEqual([connections.size, told], [0, []]);
});
