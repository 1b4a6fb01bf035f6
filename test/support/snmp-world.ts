/** What an SNMP agent under test stands on: a daemon that says what it is told. */

import { isDown } from "#src/link/link-attributes.js";
import { type LinkId, LOCAL } from "#src/link/link-id.js";
import type { LoggedEvent, Transition } from "#src/snapshot/event.js";
import type { GroupSnapshot, Snapshot } from "#src/snapshot/snapshot.js";

/** A daemon that shows what it is told to show, and tells what this changed. */
export function world(first: Snapshot) {
  let now = first;
  const listeners = new Set<(event: LoggedEvent) => void>();
  let id = 0;
  return {
    snapshots: {
      fresh: () => Promise.resolve(now),
      within: () => now,
      states: () => now,
      of: () => now,
      about: () => now,
      sources: () => now.sources,
    },
    events: {
      earlier: 0,
      since: (_id?: number): readonly LoggedEvent[] => [],
      subscribe(listener: (event: LoggedEvent) => void) {
        listeners.add(listener);
        return () => void listeners.delete(listener);
      },
    },
    becomes(next: Snapshot) {
      const transitions = transitionsBetween(now, next);
      now = next;
      for (const transition of transitions) {
        id++;
        for (const listener of listeners) listener({ ...transition, id, wallMs: 0 });
      }
    },
  };
}

const CAUSE = "the test says so";

/** What the daemon would announce: groups that come, go and change, their members, and both as links. */
function transitionsBetween(before: Snapshot, after: Snapshot): Transition[] {
  const known = new Map(before.groups.map((group) => [group.name, group]));
  const kept = new Set(after.groups.map(({ name }) => name));
  return [
    ...before.groups
      .filter(({ name }) => !kept.has(name))
      .map(({ name }): Transition => ({ kind: "group-removed", group: name, cause: CAUSE })),
    ...after.groups.flatMap((group): Transition[] => {
      const was = known.get(group.name);
      return was ? changesOf(was, group) : [{ kind: "group-added", group: group.name, cause: CAUSE }];
    }),
  ];
}

function changesOf(before: GroupSnapshot, after: GroupSnapshot): Transition[] {
  const { name: group, ifname } = after;
  const link = (device: string, { source, ifindex }: LinkId, was: boolean, is: boolean): Transition[] =>
    was === is ? [] : [{ kind: "link-state", group, device, source, ifindex, to: is ? "down" : "up", cause: CAUSE }];
  const members = after.members.flatMap((member): Transition[] => {
    const was = before.members.find(({ device }) => device === member.device);
    if (!was) return [];
    const { device, state, link: its } = member;
    return [
      ...link(device, its.id, isDown(was.link.attributes), isDown(its.attributes)),
      ...(was.state === state
        ? []
        : [{ kind: "member-state", group, device, ...its.id, from: was.state, to: state, cause: CAUSE } as const]),
    ];
  });
  const state: Transition[] =
    before.state === after.state
      ? []
      : [{ kind: "group-state", group, ifname, from: before.state, to: after.state, cause: CAUSE }];
  const renumbered: Transition[] =
    before.ifindex === after.ifindex ? [] : [{ kind: "group-renumbered", group, ifindex: after.ifindex, cause: CAUSE }];
  return [
    ...members,
    ...renumbered,
    ...state,
    ...link(ifname, { source: LOCAL, ifindex: after.ifindex }, !before.linkUp, !after.linkUp),
  ];
}
