/** Runs in the virtual machine: plays every row, and reports each as a line of JSON. */

import { appendFileSync, writeFileSync } from "node:fs";
import { REPORT_DEVICE } from "../../test/vm/machine.ts";
import { cleanUp, makeFarEnd } from "../../test/vm/world.ts";
import { BondStage } from "./bond-stage.ts";
import { BOND_ROWS, MAKE } from "./rows.ts";

const asText = (_: string, value: unknown) => (typeof value === "bigint" ? String(value) : value);

writeFileSync("/proc/sys/net/ipv6/conf/default/disable_ipv6", "1"); // no packets of the kernel's own
const wanted = process.argv.slice(2);
makeFarEnd();
const stage = await BondStage.open();
for (const row of BOND_ROWS.filter(({ name }) => wanted.length === 0 || wanted.includes(name))) {
  const outcome = await stage.play(row, MAKE);
  appendFileSync(REPORT_DEVICE, `${JSON.stringify(outcome, asText)}\n`);
  cleanUp();
  makeFarEnd();
}
process.exit();
