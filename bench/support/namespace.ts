/** A network of its own for a bench. It ends with the process, however that ends: nothing is left to clean up. */

import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";

/** Set in the process that is inside. */
const INSIDE = "IPMP_EXPORTER_BENCH_NAMESPACE";

export const isInside = (): boolean => process.env[INSIDE] !== undefined;

/**
 * Runs this program again, with the same arguments, in new network, process and mount namespaces.
 * @returns its exit code
 * @throws Error without root: making a network namespace needs CAP_SYS_ADMIN
 */
export function runAgainInside(): number {
  if (process.getuid?.() !== 0)
    throw new Error("This bench needs root: it makes network links in a namespace of its own");
  // /sys shows the links of the namespace that mounted it. --kill-child: the bench's servers end with it.
  const inner = 'mount -t sysfs sysfs /sys; ip link set lo up && exec "$0" "$@"';
  const { status, error } = spawnSync(
    "unshare",
    [
      "--net",
      "--pid",
      "--fork",
      "--kill-child",
      "--mount-proc",
      "sh",
      "-c",
      inner,
      process.execPath,
      ...process.argv.slice(1),
    ],
    { stdio: "inherit", env: { ...process.env, [INSIDE]: "1" } },
  );
  if (error !== undefined) throw error;
  return status ?? 1;
}

/** Carries out lines of `ip`, here or in a named namespace, in one process: a thousand links in about a second. */
export function ipBatch(lines: readonly string[], namespace?: string): void {
  const where = namespace === undefined ? [] : ["-n", namespace];
  const { status, stderr } = spawnSync("ip", [...where, "-batch", "-"], {
    input: `${lines.join("\n")}\n`,
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`ip -batch failed: ${stderr.trim()}`);
}

/** Names of the ends of `count / 2` veth pairs, all up: v0 and v1 are a pair, v2 and v3, … */
export function makeVeths(count: number): string[] {
  // Without addresses nothing speaks: the counters stand still, and making links is quicker.
  writeFileSync("/proc/sys/net/ipv6/conf/default/disable_ipv6", "1");
  const names = Array.from({ length: count }, (_, index) => `v${index}`);
  const pairs = names
    .filter((_, index) => index % 2 === 0)
    .map((name, pair) => `link add ${name} type veth peer name v${2 * pair + 1}`);
  ipBatch([...pairs, ...names.map((name) => `link set ${name} up`)]);
  return names;
}
