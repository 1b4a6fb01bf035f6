/** Whatever one address does, another one is served meanwhile, and nothing is left of it afterwards. */

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { request } from "node:http";
import { after, before, describe, test } from "node:test";
import { attack, SHAPES } from "../support/hostile-http.ts";
import { Program } from "../support/program.ts";
import { eventually } from "../support/wait.ts";

/** Of the process: open descriptors, and megabytes that are resident. */
function uses(pid: number): { readonly descriptors: number; readonly megabytes: number } {
  const [, kilobytes] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
  return { descriptors: readdirSync(`/proc/${pid}/fd`).length, megabytes: Number(kilobytes) / 1000 };
}

/** The kernel's sockets of the test itself come and go; V8 gives memory back when it likes, but does not grow for ever. */
const MORE_DESCRIPTORS = 4;
const MORE_MEGABYTES = 120;
/** Within which a scrape is answered once the harm is over, as soon as this machine has a moment for it. */
const ANSWERED_MS = 100;

function scrape(port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const call = request({ host: "127.0.0.1", port, path: "/metrics", agent: false }, (response) => {
      response
        .resume()
        .on("end", () => resolve(response.statusCode ?? 0))
        .on("error", reject);
    });
    call.on("error", reject);
    call.end();
  });
}

test("where the system allows few descriptors, silent connections leave some for a scrape", async (t) => {
  const few = ["sh", "-c", 'ulimit -n 96; exec "$@"', "sh"];
  const program = await Program.start(t, { args: ["--web.listen-address=127.0.0.1:0"], through: few });
  const port = Number(await program.told(/address=127\.0\.0\.1:(\d+)/));
  for (const from of ["127.0.0.2", "127.0.0.3", "127.0.0.4", "127.0.0.5"])
    t.after(attack({ port, from }, { count: 50, send: [] }));
  await eventually(
    async () => {
      const closed = (await program.metrics()).get('ipmp_web_connections_closed_total{reason="idle_closed"}');
      return Number(closed) >= 100;
    },
    () => "silent connections that gave way",
  );
  for (let count = 0; count < 20; count++) assert.equal(await scrape(port), 200);
});

describe("a client that does harm", () => {
  let program: Program;
  let port = 0;
  let atFirst = { descriptors: 0, megabytes: 0 };
  const hooks: (() => unknown)[] = [];

  before(async () => {
    program = await Program.start(
      { after: (end) => hooks.push(end) },
      {
        args: ["--web.listen-address=127.0.0.1:0", "--web.enable-lifecycle"],
        // V8 would let its young generation grow to many times what lives in it.
        through: ["env", "NODE_OPTIONS=--max-semi-space-size=2"],
      },
    );
    port = Number(await program.told(/address=127\.0\.0\.1:(\d+)/));
    for (let count = 0; count < 40; count++) await scrape(port);
    atFirst = uses(program.pid);
  });
  after(() => {
    for (const end of hooks.toReversed()) end();
  });

  for (const [shape, client] of Object.entries(SHAPES)) {
    test(`keeps no scraper of another address waiting, and leaves nothing behind: ${shape}`, async (t) => {
      const stop = attack({ port, from: "127.0.0.2" }, client);
      t.after(stop);
      for (let count = 0; count < 20; count++) {
        assert.equal(await scrape(port), 200);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      stop();
      let left: unknown;
      await eventually(
        async () => {
          const began = performance.now();
          assert.equal(await scrape(port), 200);
          left = Math.round(performance.now() - began);
          return Number(left) <= ANSWERED_MS;
        },
        () => `milliseconds that a scrape takes afterwards: ${left}`,
      );
      await eventually(
        async () => {
          const samples = await program.metrics();
          left = [samples.get("ipmp_web_event_streams"), samples.get("ipmp_web_connections")];
          return samples.get("ipmp_web_event_streams") === "0" && Number(samples.get("ipmp_web_connections")) <= 2;
        },
        () => `streams and connections that are left: ${left}`,
      );
      await eventually(
        () => {
          const { descriptors, megabytes } = uses(program.pid);
          left = [descriptors, megabytes, atFirst];
          return (
            descriptors <= atFirst.descriptors + MORE_DESCRIPTORS && megabytes <= atFirst.megabytes + MORE_MEGABYTES
          );
        },
        () => `descriptors and megabytes that are left: ${JSON.stringify(left)}`,
      );
      const together = await Promise.all(Array.from({ length: 40 }, () => scrape(port)));
      assert.deepEqual(new Set(together), new Set([200]), "all slots are there");
    });
  }

  test("has not ended the program, nor made a fault of ours", async () => {
    assert.deepEqual(
      program.log.filter((line) => line.includes("internal error") || line.includes("request failed")),
      [],
    );
    assert.equal(await program.stop(), 0);
  });
});
