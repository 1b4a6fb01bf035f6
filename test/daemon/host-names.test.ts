import assert from "node:assert/strict";
import { hostname } from "node:os";
import { describe, test } from "node:test";
import { hostNames, namesOf } from "#src/daemon/process/host-names.js";

describe("the names of this host", () => {
  test("are its host name, short and whole", () => {
    assert.deepEqual(namesOf("a", "", ""), ["a"]);
    assert.deepEqual(namesOf("a.example.net", "", ""), ["a.example.net", "a"]);
  });

  test("are the host name in each domain in which the resolver looks for names", () => {
    const resolver = "# by hand\nnameserver 192.0.2.1\nsearch example.net example.org ; two\ndomain lan\n";
    assert.deepEqual(namesOf("a", "", resolver), ["a", "a.example.net", "a.example.org", "a.lan"]);
  });

  test("are those that /etc/hosts gives to its addresses, and to no other", () => {
    const hosts = "127.0.0.1 localhost\n127.0.1.1\ta.example.com a www # own\n192.0.2.9 other a2\n#192.0.2.3 a old\n";
    assert.deepEqual(namesOf("a", hosts, ""), ["a", "a.example.com", "www"]);
  });

  test("are found on this machine", () => {
    assert.ok(hostNames().includes(hostname()));
  });
});
