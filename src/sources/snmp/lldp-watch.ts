/** Who is at the other end of each link of a device, over time: when its LLDP-MIB is to be read again, and what that said last. */

import { type LldpNeighbour, onlyNeighbours } from "../../link/lldp-neighbour.ts";
import type { InterfaceNames } from "./interface-names.ts";
import { lldpPorts } from "./lldp-ports.ts";
import { LLDP_LAST_CHANGE, readLldpTables } from "./lldp-tables.ts";
import type { Manager } from "./manager.ts";
import { timeTicks, type Varbinds } from "./varbind.ts";

/** Polls after which it is read again all the same: not every device tells that something has changed. */
const POLLS_APART = 20;
/** So often in a row it may fail to be read, as for a lost datagram, before nobody is known. */
const FAILURES = 2;

export class LldpWatch {
  /** By ifIndex. */
  #neighbours: ReadonlyMap<number, LldpNeighbour> = new Map();
  #interfaces: readonly InterfaceNames[] = [];
  /** What the device said last of LLDP_LAST_CHANGE. */
  #changed: number | undefined;
  #isDue = true;
  #pollsSince = 0;
  #failures = 0;

  /** All links of the device, which have been looked up. */
  arranged(interfaces: readonly InterfaceNames[]): void {
    this.#interfaces = interfaces;
    this.#isDue = true;
  }

  /** What the device says of its table in any answer. */
  told(varbinds: Varbinds): void {
    const changed = timeTicks(varbinds.get(LLDP_LAST_CHANGE));
    if (changed !== this.#changed) this.#isDue = true;
    this.#changed = changed;
  }

  neighbourOf(ifindex: number): LldpNeighbour | undefined {
    return this.#neighbours.get(ifindex);
  }

  /** After each poll: reads the tables, if that is due. `most`: milliseconds that it may take. Answers with why they cannot be read. */
  async look(manager: Manager, most: number): Promise<string | undefined> {
    if (!this.#isDue && ++this.#pollsSince < POLLS_APART) return undefined;
    this.#isDue = false;
    this.#pollsSince = 0;
    const tables = await readLldpTables(manager, most);
    if (tables.kind === "unanswered") {
      this.#failures++;
      if (this.#failures < FAILURES) this.#isDue = true;
      else this.#neighbours = new Map();
      return this.#failures === FAILURES ? tables.cause : undefined;
    }
    this.#failures = 0;
    const ifindexOf = lldpPorts(this.#interfaces, tables.value);
    this.#neighbours = onlyNeighbours(
      tables.value.heard.flatMap(([port, neighbour]) => {
        const ifindex = ifindexOf(port);
        return ifindex === undefined ? [] : [[ifindex, neighbour] as const];
      }),
    );
    return undefined;
  }
}
