import assert from "node:assert/strict";
import { test } from "node:test";
import { pageUrl } from "#src/web/page-url.js";

test("where the page is: the first address that a browser can be told", () => {
  assert.equal(pageUrl(["unix:/run/x.sock", "192.0.2.1:10191"], false), "http://192.0.2.1:10191/");
  assert.equal(pageUrl(["[::]:10191"], false), "http://localhost:10191/");
  assert.equal(pageUrl(["0.0.0.0:443"], true), "https://localhost:443/");
  assert.equal(pageUrl(["[2001:db8::1]:80"], false), "http://[2001:db8::1]:80/");
  assert.equal(pageUrl(["unix:/run/x.sock", "fd:3"], false), undefined);
});
