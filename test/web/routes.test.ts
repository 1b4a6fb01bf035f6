import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, test } from "node:test";
import { httpAddresses } from "../support/net-address.ts";
import { ask, folder, serve } from "./client.ts";

describe("methods and paths", () => {
  const GET_ONLY = [
    "/metrics",
    "/",
    "/-/healthy",
    "/-/ready",
    "/api/v1/groups",
    "/api/v1/groups/ipmp0",
    "/api/v1/links",
    "/api/v1/kstats",
    "/api/v1/probes",
    "/api/v1/status",
    "/api/v1/events",
    "/groups/ipmp0",
    "/runbooks/",
    "/runbooks/IPMPGroupFailed",
  ];

  test("a wrong method is answered 405 with those that are right", async (context) => {
    const { port } = await serve(context);
    for (const path of GET_ONLY) {
      for (const method of ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"]) {
        const { status, headers } = await ask({ port, path, method });
        assert.equal(status, 405, `${method} ${path}`);
        assert.equal(headers.allow, "GET, HEAD", `${method} ${path}`);
      }
    }
    const { status, headers, text } = await ask({ port, path: "/-/reload" });
    assert.equal(status, 405);
    assert.equal(headers.allow, "POST, PUT");
    assert.equal(text, "GET is not possible here: expected POST or PUT\n");
  });

  test("HEAD is answered like GET, without a body", async (context) => {
    const { port } = await serve(context);
    for (const path of GET_ONLY) {
      const [get, head] = [await ask({ port, path }), await ask({ port, path, method: "HEAD" })];
      assert.equal(head.status, 200, path);
      assert.equal(head.headers["content-length"], get.headers["content-length"], path);
      assert.equal(head.text, "", path);
    }
  });

  test("an unknown path is answered 404, in JSON under /api", async (context) => {
    const { port } = await serve(context);
    for (const path of ["/metrics/", "/Metrics", "/x", "/-/x", "//metrics"]) {
      const { status, headers } = await ask({ port, path });
      assert.equal(status, 404, path);
      assert.match(String(headers["content-type"]), /^text\/plain/, path);
    }
    for (const path of ["/api/v1", "/api/v2/groups", "/api/v1/groups/nobody", "/api/v1/groups/a/b"]) {
      const { status, text } = await ask({ port, path });
      assert.equal(status, 404, path);
      assert.equal(typeof JSON.parse(text).error, "string", path);
    }
  });

  test("a path that cannot be decoded is the client's error", async (context) => {
    const { port, world } = await serve(context);
    const { status, text } = await ask({ port, path: "/api/v1/groups/%zz" });
    assert.equal(status, 400);
    assert.equal(typeof JSON.parse(text).error, "string");
    assert.deepEqual(
      world.log.filter(({ level }) => level === "error"),
      [],
    );
  });
});

describe("health", () => {
  test("/-/healthy is 200 as long as there is an answer at all", async (context) => {
    const { port, world } = await serve(context);
    for (const phase of ["starting", "ready", "stopping"] as const) {
      world.phase = phase;
      assert.equal((await ask({ port, path: "/-/healthy" })).status, 200, phase);
    }
  });

  test("/-/ready is 503 while starting and stopping", async (context) => {
    const { port, world } = await serve(context);
    const statuses: number[] = [];
    for (const phase of ["starting", "ready", "stopping"] as const) {
      world.phase = phase;
      statuses.push((await ask({ port, path: "/-/ready" })).status);
    }
    assert.deepEqual(statuses, [503, 200, 503]);
  });
});

describe("/-/reload", () => {
  const lifecycle = { enableLifecycle: true };

  test("reloads on POST and on PUT", async (context) => {
    const { port, world } = await serve(context, lifecycle);
    let reloads = 0;
    world.reload = () => {
      reloads++;
      return Promise.resolve({ kind: "reloaded" });
    };
    for (const method of ["POST", "PUT"]) assert.equal((await ask({ port, path: "/-/reload", method })).status, 200);
    assert.equal(reloads, 2);
  });

  test("answers 500 with what is wrong with the new configuration", async (context) => {
    const { port, world } = await serve(context, lifecycle);
    world.reload = () =>
      Promise.resolve({ kind: "refused", message: "ipmp.yml:3:1: groups: expected a list of groups" });
    const { status, text } = await ask({ port, path: "/-/reload", method: "POST" });
    assert.equal(status, 500);
    assert.equal(text, "ipmp.yml:3:1: groups: expected a list of groups\n");
  });

  test("is off over TCP unless it is asked for, and always on on Unix sockets", async (context) => {
    const { port, web } = await serve(context);
    const [socketPath, control] = [join(folder(context), "web.sock"), join(folder(context), "control.sock")];
    await web.listen(httpAddresses(`unix:${socketPath}`), control);
    const refused = await ask({ port, path: "/-/reload", method: "POST" });
    assert.equal(refused.status, 403);
    assert.match(refused.text, /--web\.enable-lifecycle/);
    assert.equal((await ask({ socketPath, path: "/-/reload", method: "POST" })).status, 200);
    assert.equal((await ask({ socketPath: control, path: "/-/reload", method: "POST" })).status, 200);
  });
});
