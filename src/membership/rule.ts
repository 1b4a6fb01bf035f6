/** Who belongs to which group: the rules, and what they say about one link. A link is in one group at most: the first rule wins. */

import { namesOf } from "../link/link-attributes.ts";
import { LOCAL, linkLabel, sourceOfLabel } from "../link/link-id.ts";

/** A set of links that makes a group. */
export interface GroupRule {
  readonly group: string;
  readonly members: readonly MemberRule[];
}

/**
 * One line of a group: a device by one of its names, any device of which a name matches, the link with that ifindex, or any link whose master
 * has that ifindex.
 */
export type MemberRule = {
  /** Name of the source whose links are meant; left out: this host's. */
  readonly source?: string;
  readonly standby: boolean;
} & (
  | { readonly kind: "device"; readonly device: string }
  | { readonly kind: "match"; readonly match: { test(name: string): boolean } }
  | { readonly kind: "ifindex" | "master"; readonly ifindex: number }
);

/** What a rule looks at. */
export interface Candidate {
  readonly source: string;
  readonly ifindex: number;
  readonly name: string;
  readonly loopback: boolean;
  readonly masterIfindex?: number | undefined;
  /** Other names that it answers to. */
  readonly altNames?: readonly string[] | undefined;
}

export interface Assignment {
  readonly group: string;
  readonly standby: boolean;
  /** Whether the rule names the very link, and so expects it. */
  readonly named: boolean;
}

/** The group that a link belongs to, or undefined. The loopback belongs to none unless it is named. */
export function assign(rules: readonly GroupRule[], link: Candidate): Assignment | undefined {
  for (const { group, members } of rules) {
    const rule = members.find((member) => applies(member, link));
    if (rule) return { group, standby: rule.standby, named: rule.kind === "device" };
  }
  return undefined;
}

/** The same of a link that is gone, of which only the label is known. */
export function assignGone(rules: readonly GroupRule[], label: string): Assignment | undefined {
  const source = sourceOfLabel(label);
  const name = source === LOCAL ? label : label.slice(source.length + 1);
  return assign(rules, { source, name, ifindex: 0, loopback: false }); // no link has ifIndex 0
}

function applies(rule: MemberRule, link: Candidate): boolean {
  if ((rule.source ?? LOCAL) !== link.source) return false;
  switch (rule.kind) {
    case "device":
      return namesOf(link).includes(rule.device);
    case "match":
      return !link.loopback && namesOf(link).some((name) => rule.match.test(name));
    case "ifindex":
      return rule.ifindex === link.ifindex;
    case "master":
      return rule.ifindex === link.masterIfindex;
    default:
      return rule satisfies never;
  }
}

/** Links that a group's rules name and that may be missing, by their labels: its promise, apart from what `match` finds. */
export function namedDevices(rule: GroupRule): { readonly device: string; readonly standby: boolean }[] {
  return rule.members.flatMap((member) =>
    member.kind === "device"
      ? [{ device: linkLabel(member.source ?? LOCAL, member.device), standby: member.standby }]
      : [],
  );
}
