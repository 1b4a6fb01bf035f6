/**
 * Whom a member probes and from which of its addresses. Its targets are the configured ones, else the next hops of the routes over its link;
 * where it has neither, whoever answers a probe to all hosts.
 */

import type { LinkAddress } from "../../link/link-address.ts";
import { namesOf } from "../../link/link-attributes.ts";
import { familyOf, type IpFamily, parseIpAddress } from "../../net-address/ip-address.ts";
import { contains, isLinkLocal } from "../../net-address/ip-prefix.ts";
import type { DefaultRoute } from "../../sources/source.ts";
import type { Link } from "../links/link.ts";

/** Where targets come from. */
export interface TargetSources {
  /** By device, as configured. */
  readonly configured: ReadonlyMap<string, readonly string[]>;
  /** The default routes of this host. */
  readonly routes: readonly DefaultRoute[];
}

export interface ProbePlan {
  /** Known beforehand; without them hosts are looked for. */
  readonly targets: readonly string[];
  /** They are configured: the member probes no others. */
  readonly isFixed: boolean;
  /** The test address of each family in which it sends probes. */
  readonly from: Readonly<Record<IpFamily, LinkAddress | undefined>>;
}

/** `taken`: data addresses of the group, which are no test addresses. */
export function planProbes(
  link: Pick<Link, "ifindex" | "attributes" | "addresses">,
  taken: readonly string[],
  { configured, routes }: TargetSources,
): ProbePlan {
  const name = namesOf(link.attributes).find((each) => configured.has(each));
  const listed = name === undefined ? undefined : configured.get(name);
  const targets = listed ?? nextHops(link.ifindex, routes);
  const own = link.addresses.filter(
    ({ address, tentative, duplicate }) => !tentative && !duplicate && !taken.includes(address),
  );
  const from = (family: IpFamily): LinkAddress | undefined => {
    const wanted = targets.filter((target) => isOf(family, target));
    // Where one family has targets, nobody is looked for in the other.
    if (targets.length > 0 && wanted.length === 0) return undefined;
    return testAddress(
      own.filter((address) => address.family === family),
      wanted,
    );
  };
  return { targets, isFixed: listed !== undefined, from: { ipv4: from("ipv4"), ipv6: from("ipv6") } };
}

function nextHops(ifindex: number, routes: readonly DefaultRoute[]): readonly string[] {
  const hops = routes.flatMap(({ nextHops: all }) => all.filter((hop) => hop.ifindex === ifindex));
  return [...new Set(hops.flatMap(({ gateway }) => gateway ?? []))];
}

function isOf(family: IpFamily, target: string): boolean {
  const address = parseIpAddress(target);
  return address !== undefined && familyOf(address) === family;
}

/** In the subnet of a target if there is such a one; else one that reaches as far as the targets are. */
function testAddress(own: readonly LinkAddress[], targets: readonly string[]): LinkAddress | undefined {
  const isFar = targets.some((target) => !isLinkLocal(target));
  return (
    own.find((address) => targets.some((target) => contains(address, target))) ??
    own.find(({ address }) => isLinkLocal(address) !== isFar) ??
    own[0]
  );
}
