/**
 * Keeps the addresses of a source's links as the source tells them: one by one, or all when it says that they have changed. It knows when
 * others than before may be usable.
 */

import { isDeepStrictEqual } from "node:util";
import type { LinkAddress } from "../../link/link-address.ts";
import type { LinkAttributes } from "../../link/link-attributes.ts";
import type { Source } from "../../sources/source.ts";
import type { Membership } from "../groups/membership.ts";
import type { Link } from "./link.ts";
import type { LinkTable } from "./link-table.ts";
import type { Questions } from "./questions.ts";

export class LinkAddresses {
  readonly #source: Source;
  readonly #questions: Questions;
  readonly #links: LinkTable;
  readonly #membership: Membership;
  /** All addresses have to be read. */
  #isDue = false;
  /** Others may be usable than when {@link takeChanged} was last asked. */
  #isChanged = false;

  constructor(source: Source, questions: Questions, links: LinkTable, membership: Membership) {
    this.#source = source;
    this.#questions = questions;
    this.#links = links;
    this.#membership = membership;
  }

  /** Nobody has told which addresses changed. */
  doubt(): void {
    this.#isDue = true;
    this.#isChanged = true;
  }

  /**
   * A link is about to have these attributes, to come or to go. Its addresses are usable by its name, and while it is not taken down. Where
   * the source tells no addresses, others may come with any news of a link.
   */
  linkBecomes(link: Link | undefined, next: LinkAttributes | undefined): void {
    if (!this.#source.addresses) this.#isChanged = true;
    if (!link || link.addresses.length === 0) return;
    const { adminUp, name } = link.attributes;
    if (next?.adminUp !== adminUp || next.name !== name) this.#isChanged = true;
  }

  /** Whether other addresses may be usable than when this was last asked. */
  takeChanged(): boolean {
    const isChanged = this.#isChanged;
    this.#isChanged = false;
    return isChanged;
  }

  /** An address came, changed or went. */
  apply(address: LinkAddress, present: boolean): void {
    const link = this.#links.get(address.ifindex);
    if (!link) return; // it is gone already
    const others = link.addresses.filter((known) => !isSameAddress(known, address));
    this.#set(link, present ? [...others, address] : others);
  }

  /** Reads all addresses where they are in doubt; where that is refused, they stay so. */
  settle(): void {
    if (!this.#isDue) return;
    const answer = this.#questions.ask(() => this.#source.addresses?.());
    if (answer.kind === "refused") return;
    this.#isDue = false;
    const byLink = new Map<number, LinkAddress[]>();
    for (const address of answer.value ?? []) {
      const others = byLink.get(address.ifindex);
      if (others) others.push(address);
      else byLink.set(address.ifindex, [address]);
    }
    for (const link of this.#links) this.#set(link, byLink.get(link.ifindex) ?? []);
  }

  #set(link: Link, addresses: readonly LinkAddress[]): void {
    if (isDeepStrictEqual(link.addresses, addresses)) return;
    link.addresses = addresses;
    this.#isChanged = true;
    const group = this.#membership.groupOf(link);
    if (group) this.#membership.dirty.add(group);
  }
}

/** Whether two rows are one address of the link: a link may have an address twice, under two prefixes. */
function isSameAddress(a: LinkAddress, b: LinkAddress): boolean {
  return a.address === b.address && a.prefixLength === b.prefixLength;
}
