/** Where the file systems of the kernel are mounted. */

import { key, section } from "../keys.ts";
import { directory } from "../value-schemas.ts";

export const path = section(
  "Where the system's own file systems are, for a container that sees the host's elsewhere.",
  {
    procfs: key(directory, {
      description: "Directory where procfs is mounted.",
      standard: "/proc",
      origin: "node_exporter",
      relativeTo: "beside this file",
    }),
    sysfs: key(directory, {
      description: "Directory where sysfs is mounted.",
      standard: "/sys",
      origin: "node_exporter",
      relativeTo: "beside this file",
    }),
    illumos: key(directory, {
      description:
        "Directory below which `usr/bin/kstat`, `usr/sbin/ipmpstat` and `usr/sbin/dladm` of illumos are; another than `/` is for a tree of recorded commands.",
      standard: "/",
      origin: "where illumos has them",
      relativeTo: "beside this file",
    }),
  },
);
