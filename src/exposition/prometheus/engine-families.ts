/** What the engine has said to the rest of IP since the start, by kind. */

import { countsBy } from "./exporter-samples.ts";
import type { Family } from "./family.ts";
import { addCounts, type Subject } from "./subject.ts";

export const ENGINE: Subject = {
  whole({ startedAt, engine }, values) {
    values.add(startedAt);
    addCounts(values, engine?.joinsRefused);
    addCounts(values, engine?.linkNotes);
    addCounts(values, engine?.routingMessages);
  },
};

export const ENGINE_FAMILIES: readonly Family[] = [
  {
    name: "ipmp_join_refused",
    type: "counter",
    help: "Links that were refused by a group, by the errno that the kernel would give (ipmp_grp_vet_phyint).",
    samples: countsBy("errno", ({ engine }) => engine?.joinsRefused),
  },
  {
    name: "ipmp_link_notes",
    type: "counter",
    help: "Link notes that the engine sent to meta-interfaces (DL_NOTIFY_IND, ip_dlnotify_alloc).",
    samples: countsBy("note", ({ engine }) => engine?.linkNotes),
  },
  {
    name: "ipmp_routing_messages",
    type: "counter",
    help: "Routing-socket messages about members' addresses (ipmp_ill_rtsaddrmsg).",
    samples: countsBy("message", ({ engine }) => engine?.routingMessages),
  },
];
