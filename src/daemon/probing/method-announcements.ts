/** Announces how the members of each group are probed, when that is not what was announced last. */

import type { Transition } from "../../snapshot/event.ts";
import type { Group } from "../groups/group.ts";
import type { MemberSockets } from "./member-sockets.ts";
import { summarizeMethods } from "./method-summary.ts";
import { membersByGroup, type ProbedMember } from "./probed-members.ts";
import { eachFamily } from "./shown-system.ts";

export class MethodAnnouncements {
  readonly #sockets: MemberSockets;
  readonly #announce: (transition: Transition) => void;
  readonly #said = new WeakMap<Group, string>();

  constructor(sockets: MemberSockets, announce: (transition: Transition) => void) {
    this.#sockets = sockets;
    this.#announce = announce;
  }

  look(members: ReadonlyMap<string, ProbedMember>): void {
    for (const [group, ofGroup] of membersByGroup(members)) {
      const lines = ofGroup.flatMap(([key, { link }]) =>
        eachFamily((family) => {
          const line = this.#sockets.get(key, family);
          return line && { device: link.label, line };
        }),
      );
      const summary = summarizeMethods(lines);
      if (!summary || this.#said.get(group) === summary.text) continue;
      this.#said.set(group, summary.text);
      this.#announce({ kind: "probe-method", group: group.name, degraded: summary.isDegraded, cause: summary.text });
    }
  }
}
