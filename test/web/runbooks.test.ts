/** The runbooks where the alerts' links lead: each is there, whole, and as HTML. */

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { basename } from "node:path";
import { describe, test } from "node:test";
import { rules } from "../dashboards/shipped.ts";
import { root } from "../support/root.ts";
import { ask, serve } from "./client.ts";

const ALERTS = rules("alerts").map(({ alert = "" }) => alert);
const PAGES = readdirSync(root("docs", "runbooks")).map((file) => basename(file, ".md"));

/** What a browser shows of a piece of HTML, with single spaces. */
const shown = (html: string): string =>
  html
    .replaceAll(/<[^>]*>/g, " ")
    .replaceAll(/&#(\d+);/g, (_, code) => String.fromCharCode(Number(code)))
    .replaceAll(/\s+/g, " ");

/** The words of Markdown, without its signs. */
const wordsOf = (markdown: string): string[] => markdown.replaceAll(/\]\([^)]*\)/g, " ").match(/[A-Za-z]{2,}/g) ?? [];

describe("runbooks", () => {
  test("are there for each alert, under its name", async (context) => {
    const { port } = await serve(context);
    for (const alert of ALERTS) {
      const { status, headers, text } = await ask({ port, path: `/runbooks/${alert}` });
      assert.equal(status, 200, alert);
      assert.match(String(headers["content-type"]), /^text\/html/);
      assert.match(text, new RegExp(`<h1 class="summary">${alert}</h1>`));
      for (const heading of ["Meaning", "Impact", "Diagnosis", "Mitigation"])
        assert.ok(text.includes(`<h2>${heading}</h2>`), `${alert}: ${heading}`);
    }
  });

  test("are whole, and nothing of their Markdown is left", async (context) => {
    const { port } = await serve(context);
    for (const name of PAGES) {
      const { text } = await ask({ port, path: name === "README" ? "/runbooks/" : `/runbooks/${name}` });
      const body = /<main[^>]*>([\s\S]*)<\/main>/.exec(text)?.[1] ?? "";
      const source = readFileSync(root("docs", "runbooks", `${name}.md`), "utf8").replaceAll(/^```.*$/gm, "");
      const words = shown(body.replace(/^\s*<p class="quiet">.*\n/, "")).match(/[A-Za-z]{2,}/g) ?? [];
      assert.deepEqual(words, wordsOf(source), name);
      const prose = body.replaceAll(/<pre[\s\S]*?<\/pre>|<code>.*?<\/code>/g, "");
      assert.doesNotMatch(prose, /```|\]\(|^#|\*\*|^\s*(?:- |\d+\. |\|)/m, name);
    }
  });

  test("link to each other, and to nothing that is not there", async (context) => {
    const { port } = await serve(context);
    for (const name of PAGES) {
      const { text } = await ask({ port, path: name === "README" ? "/runbooks/" : `/runbooks/${name}` });
      for (const [, href = ""] of text.matchAll(/href="([^"]+)"/g)) {
        const { pathname } = new URL(href, `http://localhost/runbooks/${name}`);
        assert.equal((await ask({ port, path: pathname })).status, 200, `${name}: ${href}`);
      }
    }
  });

  test("are answered by whatever name a link calls the exporter", async (context) => {
    const { port } = await serve(context);
    const { status } = await ask({
      port,
      path: "/runbooks/IPMPGroupFailed",
      headers: { host: "db1.example.net:10191" },
    });
    assert.equal(status, 200);
  });

  test("are nothing but runbooks", async (context) => {
    const { port } = await serve(context);
    for (const path of ["Nothing", "..%2fCONFIGURATION", "%2e%2e%2f%2e%2e%2fpackage", "IPMPGroupFailed.md", "a%00b"]) {
      const { status, text } = await ask({ port, path: `/runbooks/${path}` });
      assert.equal(status, 404, path);
      assert.doesNotMatch(text, /<h1/);
    }
  });
});
