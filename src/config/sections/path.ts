/** Where the host's own things are found: the kernel's file systems, lldpd's client, the commands of illumos. */

import { key, optional, section } from "../keys.ts";
import { directory, path as file } from "../value-schemas.ts";

/** Where Debian, Fedora and others have lldpd's client. */
export const LLDPCLI = "/usr/sbin/lldpcli";

export const path = section(
  "Where the host's file systems and commands are, for a container that sees them elsewhere.",
  {
    procfs: key(directory, {
      description: "Directory where procfs is mounted.",
      standard: "/proc",
      origin: "node_exporter",
      relativeTo: "beside the configuration file",
    }),
    sysfs: key(directory, {
      description: "Directory where sysfs is mounted.",
      standard: "/sys",
      origin: "node_exporter",
      relativeTo: "beside the configuration file",
    }),
    lldpcli: optional(file, {
      description: "lldpd's client, which is asked to which switch each link leads; `none` asks nobody.",
      origin: `${LLDPCLI}, where it is there`,
      relativeTo: "beside the configuration file",
    }),
    lldpd_socket: optional(file, {
      description: "Control socket of lldpd, where it is elsewhere than the client believes.",
      origin: "as the client has it",
      relativeTo: "beside the configuration file",
    }),
    illumos: key(directory, {
      description:
        "Directory below which `usr/bin/kstat`, `usr/sbin/ipmpstat` and `usr/sbin/dladm` of illumos are; another than `/` is for a tree of recorded commands.",
      standard: "/",
      origin: "where illumos has them",
      relativeTo: "beside the configuration file",
    }),
  },
);
