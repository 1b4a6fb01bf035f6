/** What tells one link from every other: the source that reports it, and its ifIndex there. */

export interface LinkId {
  /** Name of the source: "local" for this host. */
  readonly source: string;
  /** The system's own ifIndex: for as long as the system runs, it belongs to one link. Names are only labels. */
  readonly ifindex: number;
}
