import assert from "node:assert/strict";
import { createHook } from "node:async_hooks";
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { Agent } from "node:http";
import { describe, type TestContext, test } from "node:test";
import { gunzipSync } from "node:zlib";
import { renderText } from "#src/exposition/prometheus/metrics.js";
import { aSnapshot, EXAMPLE } from "../support/snapshot.ts";
import { ask, closed, gate, isServed, rawConnection, serve, until, type World } from "./client.ts";

const EXPECTED = Buffer.from(renderText(EXAMPLE)).toString("utf8");
/** 32 MB of text: more than the sockets of both sides hold. */
const DEVICES = Array.from({ length: 1000 }, (_, index) => `link${index}`);
const LARGE = aSnapshot({
  groups: [{ name: "large", members: DEVICES.map((device) => ({ device })) }],
  links: DEVICES.map((name) => ({ name, alias: "x".repeat(32_000) })),
});

/** LARGE for the first who asks, the example for all others; ends when he has asked. */
function largeFirst(world: World): Promise<void> {
  const { opened, open } = gate();
  world.fresh = () => {
    world.fresh = () => Promise.resolve(EXAMPLE);
    open();
    return Promise.resolve(LARGE);
  };
  return opened;
}

describe("the telemetry path", () => {
  test("answers GET with the text format of one collection", async (context) => {
    const { port } = await serve(context);
    const { status, headers, text } = await ask({ port, path: "/metrics" });
    assert.equal(status, 200);
    assert.equal(headers["content-type"], "text/plain; version=0.0.4; charset=utf-8");
    assert.equal(text, EXPECTED);
  });

  test("answers HEAD with the headers of GET and no body", async (context) => {
    const { port } = await serve(context);
    const { status, headers, body } = await ask({ port, path: "/metrics", method: "HEAD" });
    assert.equal(status, 200);
    assert.equal(headers["content-length"], String(Buffer.byteLength(EXPECTED)));
    assert.equal(body.length, 0);
  });

  test("compresses for those who take gzip, and for nobody else", async (context) => {
    const { port } = await serve(context);
    const get = (accept: string) => ask({ port, path: "/metrics", headers: { "Accept-Encoding": accept } });
    const packed = await get("gzip");
    assert.equal(packed.headers["content-encoding"], "gzip");
    assert.equal(packed.headers.vary, "Accept, Accept-Encoding");
    assert.equal(gunzipSync(packed.body).toString("utf8"), EXPECTED);
    assert.ok(packed.body.length < EXPECTED.length / 4);
    for (const accept of ["identity", "gzip;q=0", "br"]) {
      const plain = await get(accept);
      assert.equal(plain.headers["content-encoding"], undefined, accept);
      assert.equal(plain.text, EXPECTED, accept);
    }
  });

  test("leaves a small body as it is", async (context) => {
    const { port, world } = await serve(context);
    world.fresh = () => Promise.resolve(aSnapshot());
    const { headers } = await ask({ port, path: "/metrics", headers: { "Accept-Encoding": "gzip" } });
    assert.equal(headers["content-encoding"], undefined);
  });

  test("is where the configuration puts it, whatever characters it holds", async (context) => {
    const { port } = await serve(context, { telemetryPath: "/a:b/(metrics)*" });
    assert.equal((await ask({ port, path: "/a:b/(metrics)*" })).text, EXPECTED);
    assert.equal((await ask({ port, path: "/metrics" })).status, 404);
    assert.equal((await ask({ port, path: "/ax/metrics" })).status, 404);
  });

  test("may be / itself, which then has no page", async (context) => {
    const { port } = await serve(context, { telemetryPath: "/" });
    assert.equal((await ask({ port, path: "/" })).text, EXPECTED);
  });

  test("uses one connection for many scrapes", async (context) => {
    const { port } = await serve(context);
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    context.after(() => agent.destroy());
    let connections = 0;
    agent.on("free", () => connections++);
    for (let scrape = 0; scrape < 3; scrape++) {
      const { headers, text } = await ask({ port, path: "/metrics", agent });
      assert.equal(headers.connection, "keep-alive");
      assert.equal(text, EXPECTED);
    }
    await until(() => Object.values(agent.freeSockets).flat().length === 1, "the connection is free");
    const [socket] = Object.values(agent.freeSockets).flat();
    assert.ok((socket?.bytesRead ?? 0) > 3 * EXPECTED.length, "one connection carried all three");
    assert.ok(connections >= 3);
  });

  test("answers 500 and says why in the log when the collection fails", async (context) => {
    const { port, world } = await serve(context);
    world.fresh = () => Promise.reject(new Error("the source is gone"));
    const { status, text } = await ask({ port, path: "/metrics" });
    assert.equal(status, 500);
    assert.doesNotMatch(text, /source/);
    assert.ok(world.log.some(({ level, fields }) => level === "error" && fields["error"] === "the source is gone"));
    world.fresh = () => Promise.resolve(EXAMPLE);
    assert.equal((await ask({ port, path: "/metrics" })).status, 200);
  });

  test("answers 503 until the first collection is possible", async (context) => {
    const { port, world } = await serve(context);
    world.phase = "starting";
    world.fresh = () => Promise.reject(new Error("asked too early"));
    assert.equal((await ask({ port, path: "/metrics" })).status, 503);
    assert.deepEqual(
      world.log.filter(({ level }) => level === "error"),
      [],
    );
  });
});

describe("the exporter's own metrics", () => {
  test("follow the others, and promtool has nothing to say about them", async (context) => {
    const { port, world } = await serve(context, { exporterMetrics: true });
    world.fresh = () => Promise.resolve(aSnapshot());
    const { text } = await ask({ port, path: "/metrics" });
    const ipmp = Buffer.from(renderText(aSnapshot())).toString("utf8");
    assert.ok(text.startsWith(ipmp));
    const own = text.slice(ipmp.length);
    assert.match(own, /^ipmp_exporter_build_info\{version="1\.2\.3",revision="abcdef",nodeversion="v.*"\} 1$/m);
    assert.match(own, /^process_cpu_seconds_total /m);
    assert.match(own, /^nodejs_eventloop_lag_seconds /m);
    const promtool = spawnSync("promtool", ["check", "metrics"], { input: own, encoding: "utf8" });
    if (promtool.error !== undefined) {
      context.skip(`promtool (Debian package prometheus): ${promtool.error.message}`);
      return;
    }
    assert.equal(`${promtool.stdout}${promtool.stderr}`, "");
  });

  test("can be left out", async (context) => {
    const { port } = await serve(context, { exporterMetrics: false });
    assert.doesNotMatch((await ask({ port, path: "/metrics" })).text, /^process_/m);
  });
});

describe("scrapes in progress", () => {
  test("above the limit are refused at once, and the slots return", async (context) => {
    const { port, world } = await serve(context, { maxRequests: 2 });
    const { opened, open } = gate();
    let waiting = 0;
    world.fresh = async () => {
      waiting++;
      await opened;
      return EXAMPLE;
    };
    const slow = [ask({ port, path: "/metrics" }), ask({ port, path: "/metrics" })];
    await until(() => waiting === 2, "two collections have begun");
    const refused = await ask({ port, path: "/metrics" });
    assert.equal(refused.status, 503);
    assert.equal(refused.headers["retry-after"], "1");
    assert.match(refused.text, /Limit of concurrent requests reached \(2\)/);
    assert.equal((await ask({ port, path: "/-/healthy" })).status, 200);
    open();
    assert.deepEqual(
      (await Promise.all(slow)).map(({ status }) => status),
      [200, 200],
    );
    assert.equal((await ask({ port, path: "/metrics" })).status, 200);
  });

  test("that the client breaks off give their slots back", async (context) => {
    const { port, world } = await serve(context, { maxRequests: 1 });
    const begun = largeFirst(world);
    const socket = await rawConnection(context, port);
    socket.pause();
    socket.write("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n");
    await begun;
    assert.equal((await ask({ port, path: "/metrics" })).status, 503);
    socket.destroy();
    await until(async () => (await ask({ port, path: "/metrics" })).status === 200, "the slot is free again");
    assert.deepEqual(
      world.log.filter(({ level }) => level === "error"),
      [],
    );
  });

  test("that the client does not read are cut off, and give their slots back", async (context) => {
    const { port, world } = await serve(context, { maxRequests: 1, limits: { responseMs: 1000 } });
    const begun = largeFirst(world);
    const socket = await rawConnection(context, port);
    socket.pause();
    socket.write("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n");
    await begun;
    await until(() => isServed(port), "the slot is free again");
    let length = 0;
    socket.on("data", (chunk: Buffer) => {
      length += chunk.length;
    });
    socket.resume();
    await closed(socket);
    assert.ok(length < renderText(LARGE).length, "it did not get all of it");
  });

  test("arrive whole when the server is told to close meanwhile", async (context) => {
    const { web, port, world } = await serve(context);
    world.fresh = () => Promise.resolve(LARGE);
    const socket = await rawConnection(context, port);
    socket.write("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n");
    await once(socket, "readable");
    const stopped = web.close(3_600_000);
    let length = 0;
    socket.on("data", (chunk: Buffer) => {
      length += chunk.length;
    });
    await closed(socket);
    await stopped;
    assert.ok(length > renderText(LARGE).length, `${length} bytes`);
  });

  test("that share a collection share its text", async (context) => {
    const { port } = await serve(context);
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        ask({ port, path: "/metrics", headers: { "Accept-Encoding": index % 2 === 0 ? "gzip" : "identity" } }),
      ),
    );
    for (const [index, { status, body }] of answers.entries()) {
      assert.equal(status, 200);
      assert.equal((index % 2 === 0 ? gunzipSync(body) : body).toString("utf8"), EXPECTED);
    }
  });
});

/** Counts the intervals of `ms` that are begun after this call and have not been ended, those of Node's own parts too. */
function watchTimers(context: TestContext, ms: number): () => number {
  const timers: object[] = [];
  const hook = createHook({
    init: (_id, type, _trigger, timer: object) => {
      if (type === "Timeout") timers.push(timer);
    },
  }).enable();
  context.after(() => hook.disable());
  const isRunning = (timer: { _repeat?: number; _destroyed?: boolean }) => timer._repeat === ms && !timer._destroyed;
  return () => timers.filter(isRunning).length;
}

describe("slow clients", () => {
  test("are looked for while there is a connection, and nothing wakes the process for it while there is none", async (context) => {
    const checkMs = 54_321; // nobody else's
    const looks = watchTimers(context, checkMs);
    const { port } = await serve(context, { limits: { checkMs } });
    assert.equal(looks(), 0);
    for (let times = 0; times < 2; times++) {
      const socket = await rawConnection(context, port);
      await until(() => looks() === 1, "somebody looks");
      socket.destroy();
      await until(() => looks() === 0, "nobody looks");
    }
  });

  test("that do not finish their headers are answered 408 and disconnected", async (context) => {
    const { port } = await serve(context, { limits: { headersMs: 200, requestMs: 200, checkMs: 50 } });
    // Nobody looks for slow clients while there is no connection: here from the end of this one to the beginning of the next.
    const earlier = await rawConnection(context, port);
    earlier.end();
    await once(earlier, "close");
    const socket = await rawConnection(context, port);
    let answer = "";
    socket.on("data", (chunk: Buffer) => {
      answer += chunk.toString("latin1");
    });
    socket.write("GET /metrics HTTP/1.1\r\nHost: x\r\nX-Slow: ");
    await closed(socket);
    assert.match(answer, /^HTTP\/1\.1 408 /);
  });

  test("that send more headers than anybody needs are answered 431", async (context) => {
    const { port } = await serve(context);
    const { status } = await ask({ port, path: "/metrics", headers: { "X-Large": "x".repeat(9000) } });
    assert.equal(status, 431);
  });
});
