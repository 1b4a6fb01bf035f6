/** The kernel as probe traces model it: groups and interfaces in the order in which they were first named, with flags, addresses and links. */

import type { Family } from "../../ipmp/address.ts";
import type { Router, SendOutcome, SystemEntry, SystemGroup } from "../../probing/system.ts";
import { Misuse } from "../misuse.ts";

/** One family of an interface. */
export interface KernelFamily {
  up: boolean;
  testAddress: boolean;
  /** What becomes of a packet that is sent from it. */
  sends: SendOutcome;
}

export class KernelInterface {
  readonly kind = "interface";
  readonly name: string;
  group: string;
  /** PHYI bits. */
  flags: number;
  /** Traces have no hardware addresses. */
  readonly hardwareAddress = undefined;
  v4: KernelFamily | undefined;
  v6: KernelFamily | undefined;

  constructor(name: string, group: string, flags: number) {
    this.name = name;
    this.group = group;
    this.flags = flags;
  }
}

export class Kernel {
  readonly #entries: (SystemGroup | KernelInterface)[] = [];
  routers: readonly Router[] = [];

  get entries(): readonly SystemEntry[] {
    return this.#entries;
  }

  expectNew(name: string): void {
    if (this.#find(name) !== undefined) throw new Misuse(`if must be a new interface: there is "${name}"`);
  }

  add(entry: KernelInterface): void {
    this.nameGroup(entry.group);
    this.#entries.push(entry);
  }

  remove(entry: KernelInterface): void {
    this.#entries.splice(this.#entries.indexOf(entry), 1);
  }

  interface(name: string): KernelInterface {
    const found = this.#find(name);
    if (found === undefined) throw new Misuse(`if must be an interface: there is no "${name}"`);
    return found;
  }

  #find(name: string): KernelInterface | undefined {
    return this.#entries.find((entry): entry is KernelInterface => entry.kind === "interface" && entry.name === name);
  }

  family(name: string, family: Family): KernelFamily {
    const found = this.interface(name)[family];
    if (found === undefined) throw new Misuse(`inst must be plumbed: there is no "${name}/${family}"`);
    return found;
  }

  /** A group comes to be by being named. */
  nameGroup(name: string): void {
    if (name !== "" && this.#indexOfGroup(name) < 0) this.#entries.push({ kind: "group", name });
  }

  /** A group is removed when no interface is in it. */
  expectEmptyGroup(name: string): void {
    if (this.#indexOfGroup(name) < 0) throw new Misuse(`group must be a group: there is no "${name}"`);
    if (this.#entries.some((entry) => entry.kind === "interface" && entry.group === name))
      throw new Misuse(`group must be empty: an interface is in "${name}"`);
  }

  removeGroup(name: string): void {
    this.#entries.splice(this.#indexOfGroup(name), 1);
  }

  /** -1: there is none of that name. */
  #indexOfGroup(name: string): number {
    return this.#entries.findIndex((entry) => entry.kind === "group" && entry.name === name);
  }
}
