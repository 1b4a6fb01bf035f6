/** What tells one link from every other: the source that reports it, and its ifIndex there. */

/** Name of the source that reads the links of this host. */
export const LOCAL = "local";

export interface LinkId {
  /** Name of the source: "local" for this host. */
  readonly source: string;
  /** The system's own ifIndex: for as long as the system runs, it belongs to one link. Names are only labels. */
  readonly ifindex: number;
}

/** The source of the link that has this label: no name of this host has a colon. */
export function sourceOfLabel(label: string): string {
  const colon = label.indexOf(":");
  return colon < 0 ? LOCAL : label.slice(0, colon);
}

/** What people and logs call a link: its name, and for a link of another system `<source>:<name>`, as no name of this host can be. */
export function linkLabel(source: string, name: string): string {
  return source === LOCAL ? name : `${source}:${name}`;
}
