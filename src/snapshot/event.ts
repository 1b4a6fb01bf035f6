/** Transitions: what changed, for whom, and why. The log, the event stream and notifications render these and nothing else. */

import type { GroupState, MemberState } from "./snapshot.ts";

/**
 * What happened. `cause` is a short sentence for people: "link down", "configuration reloaded". `device` is the label of a link, which for one of
 * another system is `<source>:<name>`; in a link-state of a group it is the name of its meta-interface.
 */
export type Transition =
  /** The program began, and has not looked at any link yet. `awayMs`: for how long nobody had watched; undefined when it ran never before. */
  | { readonly kind: "program-started"; readonly awayMs: number | undefined; readonly cause: string }
  | { readonly kind: "group-added"; readonly group: string; readonly cause: string }
  | { readonly kind: "group-removed"; readonly group: string; readonly cause: string }
  /** A group that is wanted and cannot be made. */
  | { readonly kind: "group-refused"; readonly group: string; readonly cause: string }
  /** A link took the ifIndex of a group, which has another now. */
  | { readonly kind: "group-renumbered"; readonly group: string; readonly ifindex: number; readonly cause: string }
  | {
      readonly kind: "group-state";
      readonly group: string;
      /** Name of its meta-interface, which it keeps when it is renamed. */
      readonly ifname: string;
      /**
       * Undefined: as it was found, when it was new or when the program started. The same as `to`: it was so before the program was started again,
       * and still is. One that is found well is not told.
       */
      readonly from: GroupState | undefined;
      readonly to: GroupState;
      readonly cause: string;
    }
  /** A bond that watches none of its links, and so does not fail over. */
  | { readonly kind: "bond-unmonitored"; readonly group: string; readonly cause: string }
  | {
      readonly kind: "member-joined" | "member-left";
      readonly group: string;
      readonly device: string;
      /** Of its link, which may be gone. */
      readonly source: string;
      readonly ifindex: number;
      readonly cause: string;
    }
  | {
      readonly kind: "member-refused";
      readonly group: string;
      readonly device: string;
      readonly errno: string;
      readonly cause: string;
    }
  | {
      readonly kind: "member-state";
      readonly group: string;
      readonly device: string;
      /** Of its link, which keeps both when it is renamed. */
      readonly source: string;
      readonly ifindex: number;
      readonly from: MemberState;
      readonly to: MemberState;
      readonly cause: string;
    }
  /** The link of a member, or the group as a link of this host, went down or came up. `ifindex` is that of its row in IF-MIB. */
  | {
      readonly kind: "link-state";
      readonly group: string;
      readonly device: string;
      readonly source: string;
      readonly ifindex: number;
      readonly to: "up" | "down";
      readonly cause: string;
    }
  | {
      readonly kind: "address-moved";
      readonly group: string;
      readonly address: string;
      readonly from: string | undefined;
      readonly to: string | undefined;
      readonly cause: string;
    }
  | {
      readonly kind: "cast-changed";
      readonly group: string;
      readonly family: "ipv4" | "ipv6";
      readonly from: string | undefined;
      readonly to: string | undefined;
      readonly cause: string;
    }
  | { readonly kind: "mtu-changed"; readonly group: string; readonly mtu: number; readonly cause: string }
  /** No target answers any member of the group, though links are up; and then one does again. */
  | { readonly kind: "targets-mute" | "targets-answer"; readonly group: string; readonly cause: string }
  /** How the members of a group are probed; said again only when it changes. */
  | { readonly kind: "probe-method"; readonly group: string; readonly degraded: boolean; readonly cause: string }
  /** The failure detection time of a group follows the round trips of its targets. */
  | { readonly kind: "detection-time"; readonly group: string; readonly milliseconds: number; readonly cause: string }
  | { readonly kind: "link-renamed"; readonly device: string; readonly from: string; readonly cause: string }
  | { readonly kind: "counter-reset"; readonly device: string; readonly reason: string; readonly cause: string }
  /** Link events were lost, and all links were listed anew. */
  | { readonly kind: "events-lost"; readonly cause: string }
  /** A source refuses or does not answer. What is known of its links is as it was last seen. */
  | { readonly kind: "source-unanswered"; readonly source: string; readonly cause: string }
  /** A source that had not answered has answered everything again. `cause` names what had been wrong. */
  | { readonly kind: "source-answers"; readonly source: string; readonly cause: string }
  /** Something that a source cannot see, or does not look at. */
  | { readonly kind: "source-limit"; readonly cause: string }
  /** Our sum of a group is not the system's own. */
  | { readonly kind: "cross-check-failed"; readonly group: string; readonly cause: string }
  | { readonly kind: "audit-failed"; readonly group: string; readonly cause: string }
  | { readonly kind: "state-unsaved"; readonly cause: string }
  | { readonly kind: "state-saved"; readonly cause: string };

/** The cause of whatever was found so when the program started. */
export const AT_START = "start";

/** Whether it only says how a group was found to be made up at the start. */
export function isFoundAtStart({ kind, cause }: { readonly kind: string; readonly cause: string }): boolean {
  return (kind === "group-added" || kind === "member-joined") && cause === AT_START;
}

/** A transition with its place in the history. */
export type LoggedEvent = Transition & {
  /** Counts from 1, never falls and never repeats in one history. */
  readonly id: number;
  /** Milliseconds since 1970. */
  readonly wallMs: number;
};

/** The last transitions, and those to come. */
export interface EventHistory {
  /** Tells histories apart: of another one, an id says nothing. A restarted program goes on with the last one only if it has all of it. */
  readonly name: string;
  /** Id of the last event of earlier runs of the program; 0 when none is known. */
  readonly earlier: number;
  /** Id of the last event that is no longer kept; 0 while all are. */
  readonly forgotten: number;
  /** Id of the last event; 0 before the first. */
  readonly lastId: number;
  /** Oldest first; those after `id` when it is given. */
  since(id?: number): readonly LoggedEvent[];
  /** Calls `listener` for each one from now on, until the returned function is called. */
  subscribe(listener: (event: LoggedEvent) => void): () => void;
}
