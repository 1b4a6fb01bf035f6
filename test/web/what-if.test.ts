/** What if something failed, on the page: without a script, and with the question in the address. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { EXAMPLE } from "../support/snapshot.ts";
import { ask, serve } from "./client.ts";

describe("the page of what would be", () => {
  test("says that it is not so, keeps the question in every link, and leads back", async (context) => {
    const { port } = await serve(context);
    const { status, text } = await ask({ port, path: "/?without=eth0&without=eth1&q=ipmp" });
    assert.equal(status, 200);
    assert.match(text, /<h1 class="summary">Without eth0 and eth1, /);
    assert.match(text, /would be/);
    assert.match(text, /This is not so: it would be\./);
    assert.match(text, /<a href="\.\/\?q=ipmp">How things are<\/a>/);
    assert.match(text, /href="groups\/ipmp0\?without=eth0&#38;without=eth1"/);
    assert.match(text, /<label for="without">And if this failed too:<\/label>/);
    assert.match(
      text,
      /<input type="hidden" name="without" value="eth0"><input type="hidden" name="without" value="eth1">/,
    );
  });

  test("can be asked for on each page, where what members depend on is offered", async (context) => {
    const { port } = await serve(context);
    for (const path of ["/", "/groups/ipmp0"]) {
      const { text } = await ask({ port, path });
      assert.match(text, /<form [^>]*method="get"[^>]*>\s*<label for="without">What if this failed:<\/label>/);
      assert.match(text, /<option value="eth0">/);
      assert.doesNotMatch(text, /This is not so/);
    }
    const { text } = await ask({ port, path: "/groups/ipmp0?span=hour&without=eth0" });
    assert.match(text, /<a href="\?span=[^"]*&#38;without=eth0">/);
    assert.match(text, /<input type="hidden" name="span" value="/);
  });

  test("is worked out once for all who look at one snapshot", async (context) => {
    const { port, world } = await serve(context);
    const { suppose } = world;
    const asked: string[] = [];
    world.suppose = (without) => {
      asked.push(without.join());
      return suppose(without);
    };
    for (const path of ["/?without=eth0", "/groups/ipmp0?without=eth1"]) {
      const [first, second] = [await ask({ port, path }), await ask({ port, path })];
      assert.match(first.text, /This is not so: it would be\./);
      assert.equal(second.text, first.text);
    }
    assert.deepEqual(asked, ["eth0", "eth1"]);
  });

  test("shows how things are, and what is wrong with the question, when something is not there", async (context) => {
    const { port } = await serve(context);
    const { status, text } = await ask({ port, path: "/?without=%3Cb%3E" });
    assert.equal(status, 400);
    assert.match(text, /role="alert">.*Nothing here is called &#34;&#60;b&#62;&#34;; there are /);
    assert.doesNotMatch(text, /This is not so/);
    assert.equal((await ask({ port, path: "/?without=" })).status, 200, "a field that was left empty asks nothing");
  });

  test("is answered by the API with 400 for what is not there, and for more than anybody asks", async (context) => {
    const { port, world } = await serve(context);
    const wrong = await ask({ port, path: "/api/v1/groups?without=eth9" });
    assert.equal(wrong.status, 400);
    assert.match(wrong.text, /^\{"error":"Nothing here is called/);
    world.suppose = () => ({ kind: "supposed", snapshot: { ...EXAMPLE, without: [] } });
    const many = Array.from({ length: 33 }, (_, n) => `without=eth${n}`).join("&");
    assert.equal((await ask({ port, path: `/api/v1/groups?${many}` })).status, 400);
    assert.equal((await ask({ port, path: `/api/v1/groups?without=${"x".repeat(301)}` })).status, 400);
    assert.equal((await ask({ port, path: "/api/v1/groups?without[a]=b" })).status, 200, "another parameter");
  });

  test("of nothing is refused by the API: the variable of a script was empty", async (context) => {
    const { port } = await serve(context);
    for (const path of ["/api/v1/groups?without=", "/api/v1/groups?without", "/api/v1/groups/ipmp0?without=%20"]) {
      const { status, text } = await ask({ port, path });
      assert.equal(status, 400, path);
      assert.match(text, /^\{"error":"Nothing here is called/);
    }
  });
});
