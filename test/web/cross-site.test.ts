import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, test } from "node:test";
import { ask, folder, serve } from "./client.ts";

const NOT_ASKED = () => Promise.reject(new Error("must not be asked"));

describe("a page of another site", () => {
  for (const [what, headers] of [
    ["that the browser calls cross-site", { "Sec-Fetch-Site": "cross-site" }],
    ["of the same site, another origin", { "Sec-Fetch-Site": "same-site" }],
    [
      "by plain HTTP, where browsers send no Sec-Fetch headers",
      { Origin: "http://evil.example", Host: "192.0.2.1:10191" },
    ],
    ["on another port of this host", { Origin: "http://192.0.2.1:8080", Host: "192.0.2.1:10191" }],
    ["that hides its origin", { Origin: "null", Host: "192.0.2.1:10191" }],
    ["whose name leads here", { Origin: "http://evil.example:10191", Host: "evil.example:10191" }],
    ["whose name leads here, with no Origin", { Host: "evil.example:10191" }],
  ] as const) {
    test(`may not reload: one ${what}`, async (context) => {
      const { port, world } = await serve(context, { enableLifecycle: true });
      world.reload = NOT_ASKED;
      assert.equal((await ask({ port, path: "/-/reload", method: "POST", headers })).status, 403);
    });
  }

  test("may not take an interface out of service", async (context) => {
    const socketPath = join(folder(context), "control.sock");
    const { web } = await serve(context);
    await web.listen([], socketPath);
    const order = { socketPath, path: "/api/v1/interfaces/eth0/online", method: "POST" };
    assert.equal((await ask({ ...order, headers: { Origin: "http://evil.example" } })).status, 403);
    assert.equal(
      (await ask({ ...order, headers: { Host: "whatever" } })).status,
      200,
      "no name leads to a Unix socket",
    );
  });
});

describe("another site's name that was made to lead here", () => {
  const headers = { Host: "evil.example:10191" };

  for (const path of ["/", "/groups/ipmp0", "/api/v1/groups", "/api/v1/links", "/api/v1/status", "/api/v1/probes"]) {
    test(`does not show ${path}`, async (context) => {
      const { port, world } = await serve(context);
      world.fresh = NOT_ASKED;
      const { status, text } = await ask({ port, path, headers });
      assert.equal(status, 403);
      assert.match(text, /web\.host_names/);
      assert.doesNotMatch(text, /evil/);
    });
  }

  test("does not show events, as a list or as a stream", async (context) => {
    const { port } = await serve(context);
    for (const Accept of ["application/json", "text/event-stream"]) {
      assert.equal((await ask({ port, path: "/api/v1/events", headers: { ...headers, Accept } })).status, 403);
    }
  });

  test("may be a scraper's or a balancer's name for a service", async (context) => {
    const { port } = await serve(context);
    for (const path of ["/metrics", "/-/healthy", "/-/ready"]) {
      assert.equal((await ask({ port, path, headers })).status, 200, path);
    }
  });
});

describe("a page of this host", () => {
  test("is shown under the host's names, its addresses and those of web.host_names", async (context) => {
    const { port } = await serve(context, { hostNames: ["ipmp.example.net"] });
    for (const Host of ["127.0.0.1:10191", "[2001:db8::1]", "localhost", "host.example:10191", "ipmp.example.net"]) {
      assert.equal((await ask({ port, path: "/", headers: { Host } })).status, 200, Host);
      assert.equal((await ask({ port, path: "/api/v1/groups", headers: { Host } })).status, 200, Host);
    }
  });

  test("may reload, under the host's names, its addresses and those of web.host_names", async (context) => {
    const { port } = await serve(context, { enableLifecycle: true, hostNames: ["ipmp.example.net"] });
    for (const host of [
      "127.0.0.1:10191",
      "[::1]:10191",
      "localhost",
      "LOCALHOST:10191",
      "host.example",
      "host.example.:10191",
      "ipmp.example.net:10191",
      "IPMP.example.net",
    ]) {
      for (const headers of [
        { Host: host },
        { Host: host, Origin: `http://${host}`, "Sec-Fetch-Site": "same-origin" },
      ]) {
        assert.equal((await ask({ port, path: "/-/reload", method: "POST", headers })).status, 200, host);
      }
    }
  });

  test("may be one with TLS before us, which leaves out its port", async (context) => {
    const { port } = await serve(context, { enableLifecycle: true });
    const headers = { Host: "localhost", Origin: "https://localhost:443" };
    assert.equal((await ask({ port, path: "/-/reload", method: "POST", headers })).status, 200);
  });
});
