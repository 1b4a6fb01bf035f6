/** Node's own options, wherever the program is started as it is packaged. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { HUB_NODE_OPTIONS, PACKAGED_NODE_OPTIONS } from "../../bench/support/node-options.ts";
import { root } from "../support/root.ts";

const options = PACKAGED_NODE_OPTIONS.join(" ");

/** File → how it names Node and the program's first file. */
const STARTED: Readonly<Record<string, string>> = {
  "package.json": `exec node ${options} dist/main.js`,
  "deploy/debian/build": `#!/usr/bin/node ${options},' "$application/dist/main.js"`,
  "deploy/container/Containerfile": `ENTRYPOINT ["/usr/bin/node", "${options}", "/usr/lib/ipmp-exporter/dist/main.js"]`,
  "deploy/hub/ipmp-exporter-hub.service": `ExecStart=/usr/bin/node ${HUB_NODE_OPTIONS.join(" ")} /usr/bin/ipmp-exporter --config`,
  "deploy/smf/ipmp-exporter.xml": `%{application/node} ${options} %{application/program}`,
};

for (const [file, started] of Object.entries(STARTED)) {
  test(`${file} starts the program with the options that the benches measure it with`, () => {
    assert.ok(readFileSync(root(file), "utf8").includes(started), started);
  });
}
