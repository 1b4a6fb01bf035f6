/** What a running program takes from its configuration file, and what it keeps because the file may have been cut. */

import assert from "node:assert/strict";
import { appendFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, type TestContext, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { Configuration } from "#src/config/configuration.js";
import { formatConfigurationError } from "#src/config/configuration-error.js";
import { ConfigurationFile } from "#src/config/configuration-file.js";
import { scratch } from "../support/scratch.ts";
import { ENVIRONMENT } from "./support.ts";

const GROUP = "groups: [{ name: a, interfaces: [eth0] }]\n";

class Edited {
  readonly path: string;
  readonly file: ConfigurationFile;

  constructor(t: TestContext, text: string, flags: ReadonlyMap<string, string> = new Map()) {
    this.path = join(scratch(t), "c.yml");
    writeFileSync(this.path, text);
    this.file = new ConfigurationFile(this.path, flags, ENVIRONMENT);
    assert.ok(!Array.isArray(this.file.load()));
  }

  async reload(text?: string): Promise<Configuration | string[]> {
    if (text !== undefined) writeFileSync(this.path, text);
    const result = await this.file.reload();
    return Array.isArray(result)
      ? result.map((error) => formatConfigurationError(error).replace(this.path, "c.yml"))
      : result;
  }
}

describe("a reload keeps what the file does not speak of any more", () => {
  const user = (name: string) =>
    `snmp: { users: [{ name: ${name}, auth: { protocol: SHA-256, password_file: /etc/p } }] }\n`;
  const rows: readonly (readonly [name: string, before: string, after: string, says: string])[] = [
    ["groups, of an empty file", GROUP, "", "groups: []"],
    ["groups, of comments alone", GROUP, "# nothing\n", "groups: []"],
    ["groups, of a key without a value", GROUP, "groups:\n", "groups: []"],
    ["groups, of a file that has other keys", GROUP, "log: { level: debug }\n", "groups: []"],
    ["sources", `sources: [{ name: sw1, kind: snmp, target: "udp:192.0.2.11" }]\n${GROUP}`, GROUP, "sources: []"],
    ["accepted fates", "shared_fate: [{ kind: switch, reason: one rack }]\n", "log: {}\n", "shared_fate: []"],
    ["probes", "detection: { probes: { enabled: true } }\n", "detection:\n  probes:\n", "enabled: false"],
    ["targets of probes", "detection: { probes: { targets: { eth0: [192.0.2.1] } } }\n", "log: {}\n", "targets: {}"],
    ["users of SNMP", user("nms"), "snmp: { damping: 2s }\n", "users: []"],
    ["communities of SNMP", "snmp: { communities: [{ name: s3cret }] }\n", "snmp:\n", "communities: []"],
    ["notifications", 'snmp: { notifications: [{ target: "udp:192.0.2.5" }] }\n', "log: {}\n", "notifications: []"],
  ];
  for (const [name, before, after, says] of rows) {
    test(name, async (t) => {
      const edited = new Edited(t, before);
      const errors = await edited.reload(after);
      assert.ok(Array.isArray(errors) && errors.length === 1, JSON.stringify(errors));
      assert.match(errors[0] ?? "", /^c\.yml:\d+:\d+: [\w.]+: missing: expected /);
      assert.ok(errors[0]?.includes(`expected ${says} to have none from now on`), errors[0]);
      assert.ok(Array.isArray(await edited.reload()), "nor does asking again take it away");
      assert.ok(!Array.isArray(await edited.reload(before)), "the former content is right as before");
    });
  }

  test("and lets it go when the file says so", async (t) => {
    const edited = new Edited(t, GROUP);
    assert.ok(Array.isArray(await edited.reload("")));
    const none = await edited.reload("groups: []\n");
    assert.ok(!Array.isArray(none));
    assert.deepEqual(none.groups, []);
    assert.ok(!Array.isArray(await edited.reload("log: {}\n")), "an empty list can be left out");
  });

  test("a guard of HTTP: only a restart serves without", async (t) => {
    const edited = new Edited(t, `web: { config_file: web.yml }\n${GROUP}`);
    const errors = await edited.reload(GROUP);
    assert.ok(Array.isArray(errors));
    assert.match(errors.join(), /web\.config_file: missing: expected .*a restart/);
  });

  test("but not what a flag says still", async (t) => {
    const edited = new Edited(t, `web: { config_file: web.yml }\n${GROUP}`, new Map([["web.config.file", "web.yml"]]));
    assert.ok(!Array.isArray(await edited.reload(GROUP)));
  });
});

describe("a file that is not whole", () => {
  const text = `groups:\n  - name: a\n    interfaces: [eth0]\n  - name: bc\n    interfaces:\n      - { match: "^eth[1-9]$" }\n      - eth10\n`;

  test("cut within a line is refused, wherever that is", async (t) => {
    const edited = new Edited(t, text);
    for (let length = text.length - 1; length > 0; length -= 7) {
      if (text[length - 1] === "\n") continue;
      truncateSync(edited.path, length);
      assert.ok(Array.isArray(await edited.reload()), `taken over: ${JSON.stringify(text.slice(0, length))}`);
      writeFileSync(edited.path, text);
    }
  });

  test("is told by its last line, when that is right YAML", async (t) => {
    const edited = new Edited(t, text);
    const cut = await edited.reload(text.slice(0, -2)); // eth1
    assert.deepEqual(cut, [
      "c.yml:7:13: the file ends within a line: expected a line feed at its end, as in the file that is loaded",
    ]);
  });

  test("may have been written so from the start", async (t) => {
    const edited = new Edited(t, "groups: [{ name: a, interfaces: [eth0] }]");
    assert.ok(!Array.isArray(await edited.reload("groups: [{ name: b, interfaces: [eth0] }]")));
    assert.ok(!Array.isArray(await edited.reload(GROUP)));
  });

  test("may be without one after a file that was empty", async (t) => {
    const edited = new Edited(t, "");
    assert.ok(!Array.isArray(await edited.reload(GROUP.trimEnd())));
  });

  test("is waited for while somebody writes it, line by line", async (t) => {
    const edited = new Edited(t, text);
    const lines = text.replace("bc", "longer").match(/.*\n/g) ?? [];
    writeFileSync(edited.path, "");
    const outcome = edited.reload();
    for (const line of lines) {
      appendFileSync(edited.path, line);
      await sleep(20);
    }
    const taken = await outcome;
    assert.ok(!Array.isArray(taken), JSON.stringify(taken));
    assert.deepEqual(
      taken.groups.map(({ name, members }) => [name, members.length]),
      [
        ["a", 1],
        ["longer", 2],
      ],
    );
  });

  test("is not waited for for ever", async (t) => {
    const edited = new Edited(t, text);
    const writing = setInterval(() => appendFileSync(edited.path, "# more\n"), 10);
    try {
      assert.deepEqual(await edited.reload(), ["c.yml: still being written: expected a file that is whole"]);
    } finally {
      clearInterval(writing);
    }
  });
});
