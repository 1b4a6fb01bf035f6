/** A host with uplinks in a namespace, and what the program that runs there says of the group that they make. */

import { Netns } from "./netns.ts";
import type { Program } from "./program.ts";
import { eventually } from "./wait.ts";

/** u0, u1 … up and addressed; the far end of each is p0, p1 …, which a test takes down to cut it. */
export function hostWithUplinks(
  hooks: { after(hook: () => void): void },
  label: string,
  count: number,
  options: { readonly ipv6?: boolean } = {},
): Netns {
  const ns = Netns.create(hooks, label, options);
  for (let n = 0; n < count; n++) {
    ns.addVeth(`u${n}`, `p${n}`);
    ns.ip("address", "add", `10.9.${n}.1/24`, "dev", `u${n}`);
  }
  return ns;
}

interface GroupView {
  readonly name: string;
  readonly state: string;
  readonly missing: readonly string[];
  readonly refused: readonly { readonly device: string; readonly errno: string; readonly why: string }[];
  readonly members: readonly { readonly device: string; readonly state: string; readonly reason: string | null }[];
}

export async function groupView(program: Program, name: string): Promise<GroupView | undefined> {
  const { groups } = JSON.parse((await program.get("/api/v1/groups")).body) as {
    readonly groups: readonly GroupView[];
  };
  return groups.find((group) => group.name === name);
}

/** "degraded: u0 failed, u1 active". */
export async function groupLine(program: Program, name: string): Promise<string> {
  const group = await groupView(program, name);
  if (!group) return "no group";
  return `${group.state}: ${group.members.map(({ device, state }) => `${device} ${state}`).join(", ")}`;
}

/** Waits until the group is as `line` says. */
export async function groupBecomes(program: Program, name: string, line: string): Promise<void> {
  let last = "";
  await eventually(
    async () => {
      last = await groupLine(program, name);
      return last === line;
    },
    () => `${name} is "${last}", not "${line}":\n${program.log.join("\n")}`,
  );
}
