/** docs/ENGINE.md lists all 65 functions of the kernel's engine, each with a symbol that exists and a test that exists. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { OPS } from "#src/replay/replay.js";
import { root } from "../support/root.ts";

/** Every function of ipmp.c, in the order of its table of contents. */
const KERNEL_FUNCTIONS: readonly string[] = [
  "ipmp_init",
  "ipmp_destroy",
  "ipmp_grp_create",
  "ipmp_grp_create_kstats",
  "ipmp_grp_update_kstats",
  "ipmp_grp_destroy_kstats",
  "ipmp_grp_lookup",
  "ipmp_grp_info",
  "ipmp_grp_insert",
  "ipmp_grp_remove",
  "ipmp_grp_rename",
  "ipmp_grp_destroy",
  "ipmp_grp_vet_ill",
  "ipmp_grp_vet_phyint",
  "ipmp_illgrp_create",
  "ipmp_illgrp_destroy",
  "ipmp_illgrp_add_ipif",
  "ipmp_illgrp_del_ipif",
  "ipmp_illgrp_max_ill",
  "ipmp_illgrp_min_ill",
  "ipmp_illgrp_ipmp_ill",
  "ipmp_illgrp_next_ill",
  "ipmp_illgrp_hold_next_ill",
  "ipmp_illgrp_hold_cast_ill",
  "ipmp_illgrp_set_cast",
  "ipmp_illgrp_create_arpent",
  "ipmp_illgrp_destroy_arpent",
  "ipmp_illgrp_mark_arpent",
  "ipmp_illgrp_lookup_arpent",
  "ipmp_illgrp_refresh_arpent",
  "ipmp_illgrp_find_ill",
  "ipmp_illgrp_set_mtu",
  "ipmp_illgrp_refresh_mtu",
  "ipmp_illgrp_link_grp",
  "ipmp_illgrp_unlink_grp",
  "ipmp_ill_join_illgrp",
  "ipmp_ill_leave_illgrp",
  "ipmp_ill_try_refresh_active",
  "ipmp_ill_refresh_active",
  "ipmp_ill_refresh_active_timer",
  "ipmp_ill_refresh_active_timer_start",
  "ipmp_ill_activate",
  "ipmp_ill_deactivate",
  "ipmp_ill_rtsaddrmsg",
  "ipmp_ill_bind_ipif",
  "ipmp_ill_unbind_ipif",
  "ipmp_ill_is_active",
  "ipmp_ill_ire_mark_testhidden",
  "ipmp_ill_ire_clear_testhidden",
  "ipmp_ill_hold_ipmp_ill",
  "ipmp_ill_get_ipmp_ifindex",
  "ipmp_ill_get_xmit_ill",
  "ipmp_phyint_join_grp",
  "ipmp_phyint_leave_grp",
  "ipmp_phyint_get_kstats",
  "ipmp_phyint_refresh_active",
  "ipmp_ipif_hold_bound_ill",
  "ipmp_ipif_bound_ill",
  "ipmp_ipif_is_stubaddr",
  "ipmp_ipif_is_dataaddr",
  "ipmp_ipif_is_up_dataaddr",
  "ipmp_packet_is_probe",
  "ipmp_ncec_delete_nonlocal",
  "ipmp_ncec_flush_nce",
  "ipmp_ncec_fastpath",
];

const ROW =
  /^\| (\d+) \| `(\w+)` \| `src\/(ipmp\/[\w-]+)\.ts` `(\w+)` \| `(test\/ipmp\/[\w-]+\.test\.ts)` "(.+?)" \| (.+) \|$/;

const document = readFileSync(root("docs", "ENGINE.md"), "utf8");
const rows = document.split("\n").flatMap((line) => {
  const match = ROW.exec(line);
  if (match === null) return [];
  const [, number = "", kernel = "", module = "", symbol = "", file = "", name = "", seen = ""] = match;
  return [{ number: Number(number), kernel, module, symbol, file, name, seen }];
});

describe("docs/ENGINE.md", () => {
  test("lists each of the 65 functions once, in order", () => {
    assert.equal(KERNEL_FUNCTIONS.length, 65);
    assert.deepEqual(
      rows.map(({ kernel }) => kernel),
      KERNEL_FUNCTIONS,
    );
    assert.deepEqual(
      rows.map(({ number }) => number),
      KERNEL_FUNCTIONS.map((_, index) => index + 1),
    );
  });

  test("lists every op of the replay", () => {
    const [, section = ""] = document.split("| about | ops |");
    assert.deepEqual(
      Array.from(section.matchAll(/`(\w+)`/g), ([, op = ""]) => op).sort(),
      Array.from(OPS.keys()).sort(),
    );
  });

  for (const { kernel, module, symbol, file, name } of rows) {
    test(`${kernel} is ${symbol} of ${module}, and is tested`, async () => {
      const camel = kernel.slice("ipmp_".length).replaceAll(/_(\w)/g, (_match, letter: string) => letter.toUpperCase());
      assert.equal(symbol, camel);
      const exported = (await import(`#src/${module}.js`)) as Record<string, unknown>;
      assert.equal(typeof exported[symbol], "function");
      const source = readFileSync(root("src", `${module}.ts`), "utf8");
      assert.match(source, new RegExp(`\\* ${kernel}\\b`), `the doc comment of ${symbol} names ${kernel}`);
      assert.ok(readFileSync(root(file), "utf8").includes(`test("${name}"`), `${file} has the test "${name}"`);
    });
  }
});
