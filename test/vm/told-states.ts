/**
 * The states of groups and members as the program's events tell them, one after another: who reads nothing else must come to what
 * the program says when it is asked. Each event has to begin where the last one ended.
 */

import { type EventView, eventSays, type GroupView } from "./program-view.ts";

export class ToldStates {
  /** State by "GROUP" or "GROUP DEVICE". */
  #told = new Map<string, string>();

  /** What is wrong with the events of a step, after which the groups are these. */
  compare(events: readonly EventView[], groups: readonly GroupView[]): string[] {
    const faults = events.flatMap((event) => this.#tell(event));
    const now = new Map(
      groups.flatMap(({ name, state, members }) => [
        [name, state] as const,
        ...members.map((member) => [`${name} ${member.device}`, member.state] as const),
      ]),
    );
    for (const [what, state] of now) {
      const told = this.#told.get(what) ?? state; // what has just come is told with its first change
      if (told !== state) faults.push(`${what} is ${state}, and events told last that it is ${told}`);
    }
    this.#told = now;
    return faults;
  }

  #tell(event: EventView): string[] {
    const { kind, group = "", device = "", from, to = "" } = event;
    const what = kind === "group-state" ? group : `${group} ${device}`;
    if (kind === "group-added" || kind === "group-removed") this.#forget(group);
    else if (kind === "member-joined" || kind === "member-left") this.#told.delete(what);
    else if (kind === "link-renamed") this.#rename(from ?? "", device);
    else if (kind === "group-state" || kind === "member-state") {
      const before = this.#told.get(what);
      this.#told.set(what, to);
      if (before !== undefined && typeof from === "string" && before !== from)
        return [`"${eventSays(event)}": before, it was ${before}`];
    }
    return [];
  }

  #forget(group: string): void {
    for (const what of this.#told.keys()) if (what === group || what.startsWith(`${group} `)) this.#told.delete(what);
  }

  #rename(from: string, to: string): void {
    for (const [what, state] of this.#told) {
      if (!what.endsWith(` ${from}`)) continue;
      this.#told.delete(what);
      this.#told.set(`${what.slice(0, -from.length)}${to}`, state);
    }
  }
}
