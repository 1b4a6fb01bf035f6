/** Where sysfs has a link: /sys/class/net/NAME/FILE. The name there is the kernel's bytes, which may be no text. */

import { join } from "node:path";
import { linkNameBytes } from "./link-name.ts";

export function sysfsPath(sysfs: string, name: string, file: string): Buffer {
  return Buffer.concat([Buffer.from(`${join(sysfs, "class", "net")}/`), linkNameBytes(name), Buffer.from(`/${file}`)]);
}
