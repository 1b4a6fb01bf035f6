/** Which groups that the system has already are shown. */

import { flag, section } from "../keys.ts";

export const discovery = section(
  "Groups that the system has already, and that the program shows without being told of them.",
  {
    bonds: flag({
      description: "Show every Linux bond as a group.",
      standard: true,
      origin: "what the system has is found",
    }),
    teams: flag({
      description: "Show every teamd device as a group.",
      standard: true,
      origin: "what the system has is found",
    }),
    default_routes: flag({
      description: 'Show the next hops of a multipath default route as the group "default".',
      standard: true,
      origin: "what the system has is found",
    }),
    illumos: flag({
      description: "Show the IPMP groups of an illumos system as they are, with what the system says of them.",
      standard: true,
      origin: "what the system has is found",
    }),
  },
);
