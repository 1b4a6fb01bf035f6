/** How failures and repairs are detected: the keys of /etc/default/mpathd, probes, and what an LACP bond needs. */

import * as z from "zod";
import { OTHER_AGGREGATOR, PROBE_METHODS } from "../choices.ts";
import { flag, key, section } from "../keys.ts";
import { address, choice, duration, nonEmptyList } from "../value-schemas.ts";

export const detection = section("How the program decides which members work.", {
  failure_detection_time: key(duration, {
    description: "Time in which a path that is cut is found by probes; a probe is sent every seventh of it.",
    standard: "10s",
    origin: "FAILURE_DETECTION_TIME of /etc/default/mpathd",
  }),
  failback: flag({
    description: "Give a repaired member its addresses back.",
    standard: true,
    origin: "FAILBACK of /etc/default/mpathd",
  }),
  lacp_other_aggregator: key(choice(OTHER_AGGREGATOR), {
    description:
      "What a link of an LACP bond is that waits with another partner than that of the active aggregator: a standby, or failed.",
    standard: "standby",
    origin: "the bonding driver uses it when the active one is lost",
  }),
  probes: section("Failure detection by probes.", {
    enabled: flag({
      description: "Send probes through each member, as in.mpathd does.",
      standard: false,
      origin: "in.mpathd probes where test addresses are; here it is asked for",
    }),
    method: key(choice(PROBE_METHODS), {
      description:
        "How probes are sent: `icmp` by ICMP echo, `udp` by UDP to a closed port; `auto` takes ICMP where net.ipv4.ping_group_range allows it, else UDP.",
      standard: "auto",
      origin: "ours: what works without privilege",
    }),
    targets: key(
      z
        .record(z.string(), nonEmptyList(address, "IP addresses"), { error: "an object of device: [address, …]" })
        .transform((targets) => new Map(Object.entries(targets))),
      {
        description: "Addresses to probe, by device. A device that is not listed probes the next hops of its routes.",
        standard: {},
        origin: "the next hops of each device's routes, as in in.mpathd",
      },
    ),
  }),
});
