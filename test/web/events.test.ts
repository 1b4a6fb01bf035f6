import assert from "node:assert/strict";
import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";
import { join } from "node:path";
import { describe, type TestContext, test } from "node:test";
import { EventLog } from "#src/daemon/snapshots/event-log.js";
import type { Transition } from "#src/snapshot/event.js";
import type { WebOptions } from "#src/web/web.js";
import { ask, folder, rawConnection, serve, until } from "./client.ts";

const WALL = 1_763_853_300_250;
const ADDED: Transition = { kind: "group-added", group: "ipmp0", cause: "start" };
const FAILED: Transition = {
  kind: "member-state",
  group: "ipmp0",
  device: "eth1",
  source: "local",
  ifindex: 3,
  from: "active",
  to: "failed",
  cause: "link down",
};
const UNBOUND: Transition = {
  kind: "address-moved",
  group: "ipmp0",
  address: "192.0.2.10",
  from: "eth1",
  to: undefined,
  cause: "eth1 failed",
};

interface Message {
  readonly id: string | undefined;
  readonly event: string | undefined;
  readonly data: Record<string, unknown>;
}

/** Reads server-sent events as a browser does. */
class Stream {
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  readonly messages: Message[] = [];
  ended = false;
  readonly #close: () => void;

  private constructor(incoming: IncomingMessage, close: () => void) {
    this.status = incoming.statusCode ?? 0;
    this.headers = incoming.headers;
    this.#close = close;
    let rest = "";
    incoming.setEncoding("utf8").on("data", (text: string) => {
      const blocks = (rest + text).split("\n\n");
      rest = blocks.pop() ?? "";
      for (const block of blocks) this.#take(block);
    });
    incoming.on("close", () => {
      this.ended = true;
    });
    incoming.on("error", () => {}); // cut off: `ended` says so
  }

  static async open(context: TestContext, port: number, headers: Record<string, string> = {}): Promise<Stream> {
    const call = request({
      host: "127.0.0.1",
      port,
      path: "/api/v1/events",
      agent: false,
      headers: { Accept: "text/event-stream", ...headers },
    });
    context.after(() => call.destroy());
    call.on("error", () => {}); // destroyed by the test
    call.end();
    const [incoming] = (await once(call, "response")) as [IncomingMessage]; // exactly one argument
    return new Stream(incoming, () => call.destroy());
  }

  close(): void {
    this.#close();
  }

  /** Without those that say nothing about the groups. */
  get events(): Message[] {
    return this.messages.filter(({ event }) => event !== "heartbeat" && event !== "history");
  }

  #take(block: string): void {
    const fields = new Map(
      block.split("\n").map((line) => [line.split(": ", 1)[0], line.slice(line.indexOf(": ") + 2)]),
    );
    this.messages.push({
      id: fields.get("id"),
      event: fields.get("event"),
      data: JSON.parse(fields.get("data") ?? "null"),
    });
  }
}

describe("/api/v1/events as a list", () => {
  test("holds every transition that is kept, the oldest first", async (context) => {
    const { port, world } = await serve(context);
    for (const transition of [ADDED, FAILED, UNBOUND]) world.events.append(transition, WALL);
    const { headers, text } = await ask({ port, path: "/api/v1/events" });
    assert.match(String(headers["content-type"]), /^application\/json/);
    const list = JSON.parse(text);
    assert.equal(list.last_id, 3);
    assert.equal(list.complete, true);
    const time = "2025-11-22T23:15:00.250Z";
    assert.deepEqual(list.events, [
      { ...ADDED, id: 1, time },
      { ...FAILED, id: 2, time },
      { ...UNBOUND, to: null, id: 3, time },
    ]);
  });

  test("holds what came after an id, in either form", async (context) => {
    const { port, world } = await serve(context);
    for (const transition of [ADDED, FAILED, UNBOUND]) world.events.append(transition, WALL);
    const { history } = JSON.parse((await ask({ port, path: "/api/v1/events" })).text);
    for (const since of ["2", `${history}-2`]) {
      const list = JSON.parse((await ask({ port, path: `/api/v1/events?since=${since}` })).text);
      assert.deepEqual(
        list.events.map(({ id }: { id: number }) => id),
        [3],
      );
      assert.equal(list.complete, true);
    }
  });

  test("holds everything for who comes from another history, and says that it is not all", async (context) => {
    const { port, world } = await serve(context);
    world.events.append(ADDED, WALL);
    for (const since of ["zzz-1", "9"]) {
      const list = JSON.parse((await ask({ port, path: `/api/v1/events?since=${since}` })).text);
      assert.equal(list.events.length, 1, since);
      assert.equal(list.complete, false, since);
    }
  });

  test("after a restart holds what was before, and tells it nobody who comes from another history again", async (context) => {
    const before = new EventLog(undefined, "abc");
    before.append(FAILED, WALL);
    const events = new EventLog(before.saved(WALL, false), "def");
    const { port } = await serve(context, { events });
    events.append(UNBOUND, WALL);
    const idsOf = async (query: string): Promise<unknown> => {
      const { events: told, complete } = JSON.parse((await ask({ port, path: `/api/v1/events${query}` })).text);
      return [told.map(({ id }: { id: number }) => id), complete];
    };
    assert.deepEqual(await idsOf(""), [[1, 2], true]);
    assert.deepEqual(await idsOf("?since=abc-1"), [[2], false]);
    assert.deepEqual(await idsOf("?since=def-1"), [[2], true]);
  });

  test("says that earlier ones are gone when they are", async (context) => {
    const { port, world } = await serve(context);
    for (let count = 0; count < 10_010; count++) world.events.append(FAILED, WALL);
    const completeSince = async (id: number): Promise<boolean> =>
      JSON.parse((await ask({ port, path: `/api/v1/events?since=${id}` })).text).complete;
    assert.equal(await completeSince(10), true);
    assert.equal(await completeSince(9), false);
  });

  test("refuses an id that is none", async (context) => {
    const { port } = await serve(context);
    for (const since of ["", "x", "-1", "1.5", "a-b-1", "1&since=2"]) {
      assert.equal((await ask({ port, path: `/api/v1/events?since=${since}` })).status, 400, since);
    }
  });
});

describe("/api/v1/events as a stream", () => {
  test("begins with where it takes up and goes on with what happens", async (context) => {
    const { port, world } = await serve(context);
    world.events.append(ADDED, WALL);
    const stream = await Stream.open(context, port);
    assert.match(String(stream.headers["content-type"]), /^text\/event-stream/);
    assert.equal(stream.headers["cache-control"], "no-store");
    await until(() => stream.messages.length === 1, "the first message");
    assert.equal(stream.messages[0]?.event, "history");
    assert.equal(stream.messages[0]?.data["complete"], true);
    world.events.append(FAILED, WALL);
    await until(() => stream.events.length === 1, "the event");
    const [message] = stream.events;
    assert.equal(message?.event, "member-state");
    assert.deepEqual(message?.data, { ...FAILED, id: 2, time: "2025-11-22T23:15:00.250Z" });
  });

  test("sends the events of one turn together", async (context) => {
    const { port, world } = await serve(context);
    const socket = await rawConnection(context, port);
    let received = "";
    socket.setEncoding("utf8").on("data", (text: string) => {
      received += text;
    });
    socket.write("GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n");
    await until(() => received.includes("event: history"), "the first message");
    for (const transition of [ADDED, FAILED, UNBOUND]) world.events.append(transition, WALL);
    await until(() => /"kind":"address-moved".+\n\n\r\n$/.test(received), "the last event");
    // A write is a chunk of the answer: its length in a line of its own, and then what was written.
    assert.match(received, /\r\n[0-9a-f]+\r\n(?:id: \S+\nevent: \S+\ndata: .+\n\n){3}\r\n$/);
  });

  test("takes up after Last-Event-ID", async (context) => {
    const { port, world } = await serve(context);
    const first = await Stream.open(context, port);
    for (const transition of [ADDED, FAILED, UNBOUND]) world.events.append(transition, WALL);
    await until(() => first.events.length === 3, "three events");
    first.close();
    const again = await Stream.open(context, port, { "Last-Event-ID": first.events[0]?.id ?? "" });
    await until(() => again.events.length === 2, "the two that were missed");
    assert.deepEqual(
      again.events.map(({ id }) => id),
      first.events.slice(1).map(({ id }) => id),
    );
    assert.equal(again.messages[0]?.data["complete"], true);
  });

  test("sends the whole history to who knew another", async (context) => {
    const { port, world } = await serve(context);
    world.events.append(ADDED, WALL);
    const stream = await Stream.open(context, port, { "Last-Event-ID": "someother-40" });
    await until(() => stream.events.length === 1, "the event that is kept");
    assert.equal(stream.messages[0]?.data["complete"], false);
  });

  test("sends all that was missed at once, however much it is", async (context) => {
    const { port, world } = await serve(context);
    const long = { ...FAILED, cause: "x".repeat(10_000) };
    for (let count = 0; count < 1_000; count++) world.events.append(long, WALL);
    const stream = await Stream.open(context, port, { "Last-Event-ID": "0" });
    await until(() => stream.events.length === 1_000, "all of them");
    world.events.append(FAILED, WALL);
    await until(() => stream.events.length === 1_001, "what comes after");
  });

  test("sends a change of five hundred groups, which comes in one turn, to who reads", async (context) => {
    const { port, world } = await serve(context);
    const stream = await Stream.open(context, port);
    await until(() => stream.messages.length === 1, "the first message");
    for (let count = 0; count < 3_000; count++) world.events.append(FAILED, WALL);
    await until(() => stream.events.length === 3_000 || stream.ended, "all of them");
    assert.equal(stream.events.length, 3_000);
    assert.deepEqual(
      stream.events.map(({ data }) => data["id"]),
      Array.from({ length: 3_000 }, (_, before) => before + 1),
    );
  });

  test("ends when the history has lost what it was to send next", async (context) => {
    const { port, world } = await serve(context);
    const stream = await Stream.open(context, port);
    await until(() => stream.messages.length === 1, "the first message");
    for (let count = 0; count < 20_000; count++) world.events.append(FAILED, WALL);
    await until(() => stream.ended, "the end of the stream");
    const again = await Stream.open(context, port, { "Last-Event-ID": stream.events.at(-1)?.id ?? "" });
    await until(() => again.events.length === 10_000, "everything that is kept");
    assert.equal(again.messages[0]?.data["complete"], false);
  });

  test("sends heartbeats while nothing happens", async (context) => {
    const { port } = await serve(context, { streamLimits: { heartbeatMs: 5 } });
    const stream = await Stream.open(context, port);
    await until(() => stream.messages.filter(({ event }) => event === "heartbeat").length >= 3, "three heartbeats");
  });

  test("is refused when there are too many, until one ends", async (context) => {
    const { port } = await serve(context, { streamLimits: { streams: 2 } });
    const [first] = [await Stream.open(context, port), await Stream.open(context, port)];
    const refused = await ask({ port, path: "/api/v1/events", headers: { Accept: "text/event-stream" } });
    assert.equal(refused.status, 503);
    assert.match(refused.text, /Limit of event streams reached \(2\)/);
    assert.ok(refused.headers["retry-after"]);
    assert.equal((await ask({ port, path: "/api/v1/events" })).status, 200, "the list is not concerned");
    first?.close();
    await until(async () => (await Stream.open(context, port)).status === 200, "room for another");
  });

  test("does not count against the requests in progress", async (context) => {
    const { port } = await serve(context, { maxRequests: 1 });
    await Stream.open(context, port);
    await Stream.open(context, port);
    assert.equal((await ask({ port, path: "/api/v1/groups" })).status, 200);
  });

  test("is cut off when its reader does not read", async (context) => {
    const { port, world } = await serve(context, { streamLimits: { streams: 1, unreadMs: 50 } });
    const socket = await rawConnection(context, port);
    socket.pause();
    socket.write("GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n");
    const long = { ...FAILED, cause: "x".repeat(100_000) };
    await until(async () => {
      for (let count = 0; count < 20; count++) world.events.append(long, WALL);
      return (await Stream.open(context, port)).status === 200;
    }, "the place of the slow reader to be free");
  });

  test("ends after its lifetime, so that its client comes again", async (context) => {
    const { port } = await serve(context, { streamLimits: { lifetimeMs: 20 } });
    const stream = await Stream.open(context, port);
    await until(() => stream.ended, "the end of the stream");
  });

  test("sends what happened just before its end", async (context) => {
    const { port, world, web } = await serve(context);
    const stream = await Stream.open(context, port);
    await until(() => stream.messages.length === 1, "the first message");
    world.events.append(FAILED, WALL);
    await web.close(2 ** 30);
    await until(() => stream.ended, "the end of the stream");
    assert.deepEqual(
      stream.events.map(({ data }) => data["id"]),
      [1],
    );
  });

  test("ends when the server closes, which does not wait for it", async (context) => {
    const { port, web } = await serve(context);
    const stream = await Stream.open(context, port);
    await web.close(2 ** 30);
    await until(() => stream.ended, "the end of the stream");
  });

  test("leaves no listener behind", async (context) => {
    let listeners = 0;
    const { port } = await serve(context, {
      events: {
        name: "abc",
        earlier: 0,
        forgotten: 0,
        lastId: 0,
        since: () => [],
        subscribe: () => {
          listeners++;
          return () => listeners--;
        },
      },
    });
    const streams = [await Stream.open(context, port), await Stream.open(context, port)];
    assert.equal(listeners, 2);
    for (const stream of streams) stream.close();
    await until(() => listeners === 0, "both to be gone");
  });
});

describe("/api/v1/audit", () => {
  const audit: WebOptions["audit"] = () => [
    { group: "ipmp0", statistic: "rbytes64", total: 2n ** 64n - 1n, departed: 1n, present: 2n },
  ];
  const options = { audit } satisfies Partial<WebOptions>;

  test("is on the control socket, with counters as decimal strings", async (context) => {
    const { web } = await serve(context, options);
    const socketPath = join(folder(context), "control.sock");
    await web.listen([], socketPath);
    const { status, text } = await ask({ socketPath, path: "/api/v1/audit" });
    assert.equal(status, 200);
    assert.deepEqual(JSON.parse(text), {
      ok: false,
      violations: [
        { group: "ipmp0", statistic: "rbytes64", total: "18446744073709551615", departed: "1", present: "2" },
      ],
    });
  });

  test("is nowhere else", async (context) => {
    const { port } = await serve(context, options);
    assert.equal((await ask({ port, path: "/api/v1/audit" })).status, 404);
  });
});
