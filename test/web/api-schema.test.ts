/** docs/api.schema.json describes every answer of the API, completely: a key that it does not have is as wrong as one that is missing. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import * as z from "zod";
import { root } from "../support/root.ts";
import { aSnapshot } from "../support/snapshot.ts";
import { TRANSITIONS } from "../support/transitions.ts";
import { ask, folder, serve } from "./client.ts";

type JsonSchema = Exclude<Parameters<typeof z.fromJSONSchema>[0], boolean>;

const document = JSON.parse(readFileSync(root("docs", "api.schema.json"), "utf8")) as JsonSchema; // a file of ours
const schemaOf = (name: string) => z.fromJSONSchema({ ...document, $ref: `#/$defs/${name}` });

function assertFits(name: string, text: string): void {
  const result = schemaOf(name).safeParse(JSON.parse(text));
  assert.ok(result.success, `${name}: ${result.error && z.prettifyError(result.error)}`);
}

describe("docs/api.schema.json", () => {
  const VIEWS = [
    ["groups_answer", "/api/v1/groups"],
    ["groups_answer", "/api/v1/groups?without=eth0"],
    ["group_answer", "/api/v1/groups/ipmp0"],
    ["group_answer", "/api/v1/groups/ipmp0?without=eth0"],
    ["group_answer", "/api/v1/groups/default"],
    ["links_answer", "/api/v1/links"],
    ["kstats_answer", "/api/v1/kstats"],
    ["ipmpstat_answer", "/api/v1/ipmpstat"],
    ["status_answer", "/api/v1/status"],
    ["events_answer", "/api/v1/events"],
    ["probes_answer", "/api/v1/probes"],
  ] as const;

  for (const [name, path] of VIEWS) {
    test(`describes ${path}`, async (context) => {
      const { port, world } = await serve(context);
      for (const transition of Object.values(TRANSITIONS)) world.events.append(transition, 1_763_853_300_250);
      assertFits(name, (await ask({ port, path })).text);
    });
  }

  test("describes answers about what is not there", async (context) => {
    const { port, world } = await serve(context);
    const snapshot = aSnapshot({
      groups: [{ name: "ipmp0", members: [{ device: "eth0" }] }],
      engine: { joinsRefused: {}, linkNotes: {}, routingMessages: {} },
      audit: { ok: true, violations: 4n },
    });
    world.fresh = () => Promise.resolve(snapshot);
    world.shared = snapshot;
    for (const [name, path] of VIEWS) {
      if (!path.endsWith("/default")) assertFits(name, (await ask({ port, path })).text);
    }
  });

  test("describes the control socket's, and every error", async (context) => {
    const socketPath = join(folder(context), "control.sock");
    const { web, world } = await serve(context);
    world.audit = () => [{ group: "a", statistic: "rbytes64", total: 3n, departed: 1n, present: 1n }];
    await web.listen([], socketPath);
    const path = "/api/v1/interfaces/eth0";
    assertFits("audit_answer", (await ask({ socketPath, path: "/api/v1/audit" })).text);
    const online = await ask({ socketPath, path: `${path}/online`, method: "POST" });
    assertFits("online_answer", online.text);
    for (const [wrong, method] of [
      [`${path}/offline`, "POST"],
      ["/api/v1/interfaces/none/online", "POST"],
      ["/api/v1/groups/none", "GET"],
      ["/api/v1/events?since=x", "GET"],
      ["/api/v1/links", "DELETE"],
      ["/api/none", "GET"],
    ] as const) {
      const { status, text } = await ask({ socketPath, path: wrong, method });
      assert.ok(status >= 400, wrong);
      assertFits("error_answer", text);
    }
  });

  test("objects to a key too many, a key too few and a number for a counter", () => {
    const good = { device: "eth0", offline: true };
    const fits = (value: object): boolean => schemaOf("offline_answer").safeParse(value).success;
    assert.ok(fits(good));
    assert.ok(!fits({ ...good, more: 1 }));
    assert.ok(!fits({ device: "eth0" }));
    assert.ok(!schemaOf("decimal").safeParse(7).success);
  });
});
