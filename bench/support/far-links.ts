/** Links whose far ends lie in a second namespace, where a program that is measured does not see them. */

import { writeFileSync } from "node:fs";
import { ipBatch } from "./namespace.ts";

/** The second namespace; it is to be deleted in the end, because its name outlives the process. */
export const FAR = "far-ends";

/** Near ends v0, v1, … here; far ends w0, w1, … in {@link FAR}. All up. @returns the names of the near ends */
export function makeFarVeths(count: number): readonly string[] {
  writeFileSync("/proc/sys/net/ipv6/conf/default/disable_ipv6", "1");
  const numbers = Array.from({ length: count }, (_, index) => index);
  ipBatch([`netns add ${FAR}`]);
  ipBatch([
    ...numbers.map((n) => `link add v${n} type veth peer name w${n} netns ${FAR}`),
    ...numbers.map((n) => `link set v${n} up`),
  ]);
  ipBatch(
    numbers.map((n) => `link set w${n} up`),
    FAR,
  );
  return numbers.map((n) => `v${n}`);
}
