/** offline and online, and what is said when there is nobody to ask. */

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type RequestListener } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { aSnapshot } from "../support/snapshot.ts";
import { program } from "./program.ts";
import { served } from "./served.ts";

const folder = mkdtempSync(join(tmpdir(), "ipmp-cli-"));
after(() => rmSync(folder, { recursive: true }));

describe("offline and online", () => {
  const asked: string[] = [];
  const run = served(aSnapshot(), {
    offline: async (device) => {
      asked.push(`offline ${device}`);
      return device === "eth0"
        ? { kind: "done" }
        : { kind: "refused", message: `Cannot take "${device}" offline: no other usable member would be left` };
    },
    online: async (device) => {
      asked.push(`online ${device}`);
      return { kind: "done" };
    },
  });

  test("reach the daemon", async () => {
    assert.deepEqual(await run("offline", "eth0"), { status: 0, stdout: "eth0: offline\n", stderr: "" });
    assert.deepEqual(await run("online", "eth0"), { status: 0, stdout: "eth0: online\n", stderr: "" });
    assert.deepEqual(asked, ["offline eth0", "online eth0"]);
  });

  test("repeat why the daemon refuses", async () =>
    assert.deepEqual(await run("offline", "eth1"), {
      status: 1,
      stdout: "",
      stderr: 'ipmp-exporter: Cannot take "eth1" offline: no other usable member would be left\n',
    }));
});

describe("when there is no daemon", () => {
  const socket = join(folder, "none.sock");
  const hint = "expected a running ipmp-exporter, or its socket with --control.socket";

  test("at the socket that was named", async () =>
    assert.deepEqual(await program(["ipmpstat", "-g", "--control.socket", socket]), {
      status: 1,
      stdout: "",
      stderr: `ipmp-exporter: no daemon at ${socket}: ${hint}\n`,
    }));

  test("at the places where it is by default", async () =>
    assert.equal(
      (await program(["kstat"], { RUNTIME_DIRECTORY: folder })).stderr,
      `ipmp-exporter: no daemon at ${folder}/control.sock or /run/ipmp-exporter/control.sock: ${hint}\n`,
    ));

  test("but only a file", async () => {
    const file = join(folder, "file");
    writeFileSync(file, "");
    const { status, stderr } = await program(["kstat", "--control.socket", file]);
    assert.deepEqual([status, stderr], [1, `ipmp-exporter: no daemon at ${file}: ${hint}\n`]);
  });
});

describe("when something else answers", () => {
  let count = 0;
  /** The first lines that a command says to a server that answers like this. */
  async function said(listener: RequestListener): Promise<string> {
    const socket = join(folder, `${count++}.sock`);
    const server = createServer(listener);
    await new Promise<void>((resolve) => server.listen(socket, resolve));
    try {
      return (await program(["ipmpstat", "-g", "--control.socket", socket])).stderr;
    } finally {
      server.close();
      server.closeAllConnections();
    }
  }

  test("with an error", async () =>
    assert.equal(
      await said((_request, response) => response.writeHead(503).end()),
      "ipmp-exporter: the daemon answered /api/v1/groups with status 503: expected 200\n",
    ));

  test("with an error, and a reason for it", async () =>
    assert.equal(
      await said((_request, response) => response.writeHead(503).end('{"error":"Still starting, try again later"}')),
      "ipmp-exporter: Still starting, try again later\n",
    ));

  test("with something that is not JSON", async () =>
    assert.equal(
      await said((_request, response) => response.end("hello")),
      "ipmp-exporter: the daemon answered /api/v1/groups with something that is not JSON\n",
    ));

  test("with other JSON", async () =>
    assert.equal(
      await said((_request, response) => response.end('{"groups":[7]}')),
      "ipmp-exporter: the daemon answered /api/v1/groups with something unknown at groups.0: expected the API of this version\n",
    ));

  test("by hanging up", async () =>
    assert.match(
      await said((request) => request.socket.destroy()),
      /^ipmp-exporter: cannot ask the daemon at .*: socket hang up\n$/,
    ));
});
