/**
 * Where the service leaves the path of in.mpathd. Each switch is off in the original and on in the service; docs/DETECTION.md gives the
 * reason for each and tells what would happen without it.
 */

export interface Deviations {
  /** Losses fail a link only when its group's targets have answered somebody. In the original they do so after 40 s, though no target ever answers. */
  readonly waitsForFirstAnswer: boolean;
  /** A round trip under 1 ms is kept as 1 ms. The original keeps 0, which means "none known". */
  readonly keepsShortRoundTrips: boolean;
  /** A round trip ends when the system has received the answer. In the original when the daemon takes it, which is later where it is busy. */
  readonly measuresNetwork: boolean;
  /** The answer to a probe that counts as lost already is no sample. In the original it can lift the failure detection time. */
  readonly ignoresLateSamples: boolean;
  /** A round trip that is too long is confirmed by a probe that was sent after its answer. In the original also by one that was held back with it. */
  readonly confirmsSlowness: boolean;
  /** An answer that is quicker than the average never raises the failure detection time. In the original it can, because it deviates from a slow one. */
  readonly quickNeverRaises: boolean;
  /** A probe that the system refuses to send is a lost probe. The original neither sends nor counts it. */
  readonly countsSendErrors: boolean;
  /** A list of routers always has an active target. The original lets its only active one go, and then judges nobody. */
  readonly keepsAnActiveTarget: boolean;
  /** Each target is looked at for losses of its own at every probe. The original looks at the newest probe's, when that was not answered. */
  readonly judgesEveryTarget: boolean;
  /** A target that is set aside is no longer next for a probe of the round trip. The original aborts when it is deleted meanwhile. */
  readonly movesRttCursor: boolean;
  /** A probe is lost, and a repair allowed, at its deadline. In the original just after it. */
  readonly includesDeadlines: boolean;
  /** Whether the newest probes were answered is asked modulo 2^16. The original errs once when the sequence numbers wrap. */
  readonly wrapsSequence: boolean;
  /** A probe is lost now when its target goes. The original leaves the time of an older loss in its place. */
  readonly datesLossOfTarget: boolean;
  /** Probes in a ring that is cleared stay in the counts, those under way as lost. The original forgets them. */
  readonly countsClearedProbes: boolean;
  /** The minute after a raise, in which the failure detection time is not lowered, is each group's own. */
  readonly settlesPerGroup: boolean;
  /** A group has one active member at least, also one of standbys alone. In the original all of them may wait for each other. */
  readonly keepsOneActive: boolean;
  /** A member that loses its test address while it works keeps its place. In the original it is repaired, and may be INACTIVE from then on. */
  readonly keepsPlaceUnprobed: boolean;
  /** An interface that comes back from offline without a link has failed. In the original it is taken to work if it was lost while the group had failed. */
  readonly failsWithoutLink: boolean;
  /** A link without targets copies the hosts of all other members. The original copies those of older members only. */
  readonly copiesAllHosts: boolean;
  /** A change of STANDBY or INACTIVE leaves the probes of a link alone. In the original the test address has the flags too, and its socket is opened anew. */
  readonly keepsSockets: boolean;
  /** A link that is FAILED when it is found stays so until it is repaired. The original clears the flag, and learns again. */
  readonly keepsFailedAtStart: boolean;
  /** A FAILED member that gets its test address back, with targets from before, is failed. In the original it works at once, without an answer. */
  readonly staysFailedUntilAnswered: boolean;
  /** A timer that begins anew sends its first probe an interval after the last one at the earliest. In the original at any time within the interval. */
  readonly keepsPace: boolean;
  /** After a time in which nobody called, each link is probed when its own time comes round. In the original all are, at once. */
  readonly keepsSpread: boolean;
  /** A link that has had no target since it came back is repaired as a link without probes is. In the original it is FAILED for good. */
  readonly repairsByLinkWithoutTargets: boolean;
}

/** in.mpathd, to the letter: what the recorded traces show. */
export const ORIGINAL: Deviations = {
  waitsForFirstAnswer: false,
  keepsShortRoundTrips: false,
  measuresNetwork: false,
  ignoresLateSamples: false,
  confirmsSlowness: false,
  quickNeverRaises: false,
  countsSendErrors: false,
  keepsAnActiveTarget: false,
  judgesEveryTarget: false,
  movesRttCursor: false,
  includesDeadlines: false,
  wrapsSequence: false,
  datesLossOfTarget: false,
  countsClearedProbes: false,
  settlesPerGroup: false,
  keepsOneActive: false,
  keepsPlaceUnprobed: false,
  failsWithoutLink: false,
  copiesAllHosts: false,
  keepsSockets: false,
  keepsFailedAtStart: false,
  staysFailedUntilAnswered: false,
  keepsPace: false,
  keepsSpread: false,
  repairsByLinkWithoutTargets: false,
};

/** What the service does. */
export const SERVICE: Deviations = {
  waitsForFirstAnswer: true,
  keepsShortRoundTrips: true,
  measuresNetwork: true,
  ignoresLateSamples: true,
  confirmsSlowness: true,
  quickNeverRaises: true,
  countsSendErrors: true,
  keepsAnActiveTarget: true,
  judgesEveryTarget: true,
  movesRttCursor: true,
  includesDeadlines: true,
  wrapsSequence: true,
  datesLossOfTarget: true,
  countsClearedProbes: true,
  settlesPerGroup: true,
  keepsOneActive: true,
  keepsPlaceUnprobed: true,
  failsWithoutLink: true,
  copiesAllHosts: true,
  keepsSockets: true,
  keepsFailedAtStart: true,
  staysFailedUntilAnswered: true,
  keepsPace: true,
  keepsSpread: true,
  repairsByLinkWithoutTargets: true,
};
