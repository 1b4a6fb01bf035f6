import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync, renameSync, statSync, writeFileSync } from "node:fs";
import { Agent } from "node:http";
import { createServer } from "node:net";
import { dirname, join } from "node:path";
import { describe, test } from "node:test";
import { createWeb } from "#src/web/web.js";
import { httpAddresses } from "../support/net-address.ts";
import { EXAMPLE } from "../support/snapshot.ts";
import { ask, aWorld, closed, folder, gate, optionsOf, rawConnection, serve, until } from "./client.ts";

describe("listen()", () => {
  test("serves on every address and says which ports the system chose", async (context) => {
    const path = join(folder(context), "web.sock");
    const web = createWeb(optionsOf(aWorld()));
    context.after(() => web.close(0));
    const addresses = await web.listen(httpAddresses("127.0.0.1:0", "127.0.0.2:0", `unix:${path}`));
    assert.match(addresses[0] ?? "", /^127\.0\.0\.1:[1-9]\d*$/);
    assert.match(addresses[1] ?? "", /^127\.0\.0\.2:[1-9]\d*$/);
    assert.equal(addresses[2], `unix:${path}`);
    for (const address of addresses.slice(0, 2)) {
      const [host = "", port] = address.split(":");
      assert.equal((await ask({ host, port, path: "/-/healthy" })).status, 200);
    }
    assert.equal((await ask({ socketPath: path, path: "/-/healthy" })).status, 200);
  });

  test("says in one line which address is taken, and leaves none of the others open", async (context) => {
    const taken = createServer().listen(0, "127.0.0.1");
    context.after(() => taken.close());
    await once(taken, "listening");
    const bound = taken.address();
    assert.ok(bound !== null && typeof bound === "object");
    const path = join(folder(context), "web.sock");
    const web = createWeb(optionsOf(aWorld()));
    const address = `127.0.0.1:${bound.port}`;
    await assert.rejects(web.listen(httpAddresses(`unix:${path}`, "127.0.0.1:0", address)), {
      name: "ListenError",
      message: `Cannot listen on "${address}": another program listens there; stop it or choose another port or path (EADDRINUSE)`,
    });
    assert.ok(!existsSync(path));
    taken.close();
    await once(taken, "close");
    await web.listen(httpAddresses(address, `unix:${path}`));
    await web.close(0);
  });

  test("says what to do about an address that is not this machine's, and nothing of connections", async () => {
    const world = aWorld();
    const web = createWeb(optionsOf(world));
    await assert.rejects(
      web.listen(httpAddresses("192.0.2.77:0")),
      /^ListenError: Cannot listen on "192\.0\.2\.77:0": no interface/,
    );
    assert.deepEqual(world.log, []);
  });
});

describe("close()", () => {
  test("lets a request in progress end and takes no new connection", async (context) => {
    const { web, world, port } = await serve(context);
    const { opened, open } = gate();
    let began = false;
    world.fresh = async () => {
      began = true;
      await opened;
      return EXAMPLE;
    };
    // A client that would keep its connection must not keep the server.
    const agent = new Agent({ keepAlive: true });
    context.after(() => agent.destroy());
    const scrape = ask({ port, path: "/metrics", agent });
    await until(() => began, "the scrape has begun");
    const closed = web.close(3_600_000);
    await assert.rejects(ask({ port, path: "/-/healthy" }), { code: "ECONNREFUSED" });
    open();
    const { status, headers } = await scrape;
    assert.equal(status, 200);
    assert.equal(headers["content-type"], "text/plain; version=0.0.4; charset=utf-8");
    await closed;
  });

  test("cuts what is left after the grace", async (context) => {
    const { web, world, port } = await serve(context);
    world.fresh = () => new Promise(() => {});
    const socket = await rawConnection(context, port);
    socket.write("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n");
    socket.resume();
    const gone = closed(socket);
    await web.close(50);
    await gone;
  });

  test("ends idle connections at once", async (context) => {
    const { web, port } = await serve(context);
    const socket = await rawConnection(context, port);
    socket.write("GET /-/healthy HTTP/1.1\r\nHost: x\r\n\r\n");
    await once(socket, "data");
    socket.resume();
    const gone = closed(socket);
    await web.close(3_600_000);
    await gone;
  });
});

describe("the control socket", () => {
  test("serves the same, and takes interfaces out of service and back", async (context) => {
    const socketPath = join(folder(context), "control.sock");
    const web = createWeb(optionsOf(aWorld()));
    context.after(() => web.close(0));
    await web.listen(httpAddresses("127.0.0.1:0"), socketPath);
    const post = (path: string) => ask({ socketPath, path: `/api/v1/interfaces/${path}`, method: "POST" });
    assert.equal((await ask({ socketPath, path: "/api/v1/groups" })).status, 200);
    assert.deepEqual(JSON.parse((await post("eth0/online")).text), { device: "eth0", online: true });
    const refused = await post("eth0/offline");
    assert.equal(refused.status, 409);
    assert.equal(JSON.parse(refused.text).error, 'Cannot take "eth0" offline: it is the last usable one');
    assert.equal((await post("eth9/online")).status, 404);
    const wrong = await ask({ socketPath, path: "/api/v1/interfaces/eth0/online" });
    assert.equal(wrong.status, 405);
    assert.equal(wrong.headers.allow, "POST");
  });

  test("is the only place that does so", async (context) => {
    const path = join(folder(context), "web.sock");
    const web = createWeb(optionsOf(aWorld()));
    context.after(() => web.close(0));
    const [address = ""] = await web.listen(httpAddresses("127.0.0.1:0", `unix:${path}`));
    const order = { path: "/api/v1/interfaces/eth0/online", method: "POST" };
    assert.equal((await ask({ port: address.split(":")[1], ...order })).status, 404);
    assert.equal((await ask({ socketPath: path, ...order })).status, 404);
  });

  test("is for its owner and group, and goes away with the server", async (context) => {
    const path = join(folder(context), "control.sock");
    const web = createWeb(optionsOf(aWorld()));
    await web.listen([], path);
    assert.equal(statSync(path).mode & 0o777, 0o660);
    await web.close(0);
    assert.ok(!existsSync(path));
  });

  test("replaces the file that a dead process left behind", async (context) => {
    const path = join(folder(context), "control.sock");
    const before = createServer().listen(path);
    await once(before, "listening");
    // A server that is closed removes the name that it was given: the file survives under another.
    renameSync(path, `${path}.kept`);
    before.close();
    await once(before, "close");
    renameSync(`${path}.kept`, path);
    const inode = statSync(path).ino;
    const web = createWeb(optionsOf(aWorld()));
    context.after(() => web.close(0));
    await web.listen([], path);
    assert.notEqual(statSync(path).ino, inode);
    assert.equal((await ask({ socketPath: path, path: "/-/healthy" })).status, 200);
  });

  test("is not hindered by a process of the same number that was killed while it made one", async (context) => {
    const path = join(folder(context), "web.sock");
    const code = `require("net").createServer().listen("${path}.${process.pid}", () => process.kill(process.pid, "SIGKILL"))`;
    spawnSync(process.execPath, ["--eval", code]);
    assert.ok(existsSync(`${path}.${process.pid}`));
    const web = createWeb(optionsOf(aWorld()));
    context.after(() => web.close(0));
    await web.listen(httpAddresses(`unix:${path}`));
    assert.deepEqual(readdirSync(dirname(path)), ["web.sock"]);
  });

  test("leaves alone a socket on which somebody answers, and a file that is none", async (context) => {
    const path = join(folder(context), "control.sock");
    const first = createWeb(optionsOf(aWorld()));
    context.after(() => first.close(0));
    await first.listen([], path);
    await assert.rejects(createWeb(optionsOf(aWorld())).listen([], path), /another program listens there/);
    assert.equal((await ask({ socketPath: path, path: "/-/healthy" })).status, 200);

    const file = join(folder(context), "notes.txt");
    writeFileSync(file, "mine");
    await assert.rejects(createWeb(optionsOf(aWorld())).listen([], file), /a file that is not a socket is there/);
    assert.equal(statSync(file).size, 4);
  });

  for (const name of ["control.sock", "s"]) {
    test(`may have a path of 107 bytes and no more, whatever its name: ${name}`, async (context) => {
      const parent = folder(context);
      const at = (bytes: number): string => join(parent, "f".repeat(bytes - parent.length - name.length - 2), name);
      const web = createWeb(optionsOf(aWorld()));
      context.after(() => web.close(0));
      for (const bytes of [107, 108]) mkdirSync(dirname(at(bytes)));
      await assert.rejects(web.listen([], at(108)), /a socket path may have 107 bytes; choose a shorter one/);
      await web.listen([], at(107));
      assert.equal((await ask({ socketPath: at(107), path: "/-/healthy" })).status, 200);
      assert.deepEqual(readdirSync(dirname(at(107))), [name]);
    });
  }

  test("says what to do about a folder that is missing", async (context) => {
    const path = join(folder(context), "none", "control.sock");
    await assert.rejects(createWeb(optionsOf(aWorld())).listen([], path), {
      name: "ListenError",
      message: `Cannot listen on "unix:${path}": the folder does not exist; create it or choose another path (ENOENT)`,
    });
  });
});
