/** Why a reading of a link could not simply be continued: the label `reason` of ipmp_discontinuities_total. */

export type ResetReason = "restart" | "fell" | "ambiguous" | "jumped" | "vanished" | "reboot" | "discontinuity";

/** What each means, and what is counted then. The words stand in the log. */
export const RESET_REASONS: Readonly<Record<ResetReason, { readonly cause: string; readonly counted: string }>> = {
  restart: {
    cause: "all counters began again: the driver or the hardware was reset",
    counted: "what was carried since it began again; what came between the last reading and the reset is unknown",
  },
  fell: {
    cause: "some counters fell and others did not",
    counted: "those that fell stand still until they are next seen to grow",
  },
  ambiguous: {
    cause: "a 32-bit counter passed zero, and the link is fast enough to have passed it more than once",
    counted: "one turn; what further turns carried is unknown",
  },
  jumped: {
    cause: "a counter grew by more than any link can carry",
    counted: "nothing, until it is seen near where it was",
  },
  reboot: {
    cause: "the device was started anew, and its counters with it",
    counted: "up to its last reading, and from the first one since",
  },
  discontinuity: {
    cause: "the device says that its counters began anew, or one of 64 bits fell",
    counted: "up to its last reading, and from the first one since",
  },
  vanished: {
    cause: "the link went without saying its last counters",
    counted: "up to its last reading",
  },
};
