/** What tells one link from every other: the source that reports it, and its ifIndex there. */

/** Name of the source that reads the links of this host. */
export const LOCAL = "local";

export interface LinkId {
  /** Name of the source: "local" for this host. */
  readonly source: string;
  /** The system's own ifIndex: for as long as the system runs, it belongs to one link. Names are only labels. */
  readonly ifindex: number;
}

/** What people and logs call a link: its name, and for a link of another system `<source>:<name>`, as no name of this host can be. */
export function linkLabel(source: string, name: string): string {
  return source === LOCAL ? name : `${source}:${name}`;
}
