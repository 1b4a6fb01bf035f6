/** The LAGs of one device over time: when its tables are to be read again, and what each link is to a LAG now. */

import type { Hrtime } from "../../kstat/hrtime.ts";
import type { Answer } from "./answer.ts";
import type { InterfaceNames } from "./interface-names.ts";
import { findLagPorts, type LagPort } from "./lag-ports.ts";
import type { LagRole } from "./lag-role.ts";
import { AGG_TABLES_LAST_CHANGED, IF_STACK_LAST_CHANGE, readLagTables } from "./lag-tables.ts";
import type { Manager } from "./manager.ts";
import { timeTicks, type Varbinds } from "./varbind.ts";

/** Polls after which the tables are read again all the same: not every device tells that they have changed. */
const POLLS_APART = 10;

/** What tells that, where the device has it: asked for in each poll. */
export const LAST_CHANGES: readonly string[] = [AGG_TABLES_LAST_CHANGED, IF_STACK_LAST_CHANGE];

export class LagWatch {
  /** By ifIndex. */
  #ports: ReadonlyMap<number, LagPort> = new Map();
  /** A LAG that has lost its last port is one still. */
  readonly #lags = new Map<number, { readonly name: string; readonly hasLacp: boolean }>();
  #instances: ReadonlyMap<number, readonly string[]> = new Map();
  /** What the device said last of LAST_CHANGES. */
  #changed = "";
  /** Polls since the tables were read. */
  #pollsSince = 0;
  #isChanged = false;

  /** A port that an earlier run of the program knew. */
  resume(ifindex: number, port: Pick<LagPort, "name" | "lag" | "lagName">): void {
    this.#ports = new Map([
      ...this.#ports,
      [ifindex, { ...port, row: undefined, adminKey: undefined, unclaimedSince: undefined }],
    ]);
  }

  /** Whether the tables are to be read before the next poll. */
  get isDue(): boolean {
    return this.#isChanged || this.#pollsSince >= POLLS_APART || this.#isLeaving;
  }

  get #isLeaving(): boolean {
    return [...this.#ports.values()].some(({ unclaimedSince }) => unclaimedSince !== undefined);
  }

  /** What the device says of its tables in any answer. */
  told(varbinds: Varbinds): void {
    if (this.#changed !== changesOf(varbinds)) this.#isChanged = true;
  }

  polled(): void {
    this.#pollsSince++;
  }

  /** Reads the tables. `system`: what the device said of them before, at `now`. Answers with why one cannot be read that the device has. */
  async look(
    manager: Pick<Manager, "walk">,
    interfaces: readonly InterfaceNames[],
    system: Varbinds,
    now: Hrtime,
  ): Promise<Answer<string | undefined>> {
    const answer = await readLagTables(manager);
    if (answer.kind === "unanswered") return answer;
    const { value: tables } = answer;
    this.#ports = findLagPorts(interfaces, tables, this.#ports, now);
    this.#instances = tables.instances;
    const names = new Map(interfaces.map(({ ifindex, name }) => [ifindex, name]));
    for (const [ifindex, { name }] of this.#lags) if (names.get(ifindex) !== name) this.#lags.delete(ifindex);
    const ports = [...this.#ports.values()];
    for (const { lag, lagName } of ports) {
      const hasLacp = ports.some((port) => port.lag === lag && port.row !== undefined);
      this.#lags.set(lag, { name: lagName, hasLacp });
    }
    this.#changed = changesOf(system);
    this.#pollsSince = 0;
    this.#isChanged = false;
    return { kind: "answered", value: tables.broken };
  }

  roleOf(ifindex: number): LagRole {
    const lag = this.#lags.get(ifindex);
    if (lag) return { kind: "lag", hasLacp: lag.hasLacp };
    const port = this.#ports.get(ifindex);
    if (!port) return { kind: "none" };
    const oids = port.row === undefined ? [] : (this.#instances.get(port.row) ?? []);
    return { kind: "port", ...port, oids };
  }
}

function changesOf(varbinds: Varbinds): string {
  return LAST_CHANGES.map((oid) => timeTicks(varbinds.get(oid))).join();
}
