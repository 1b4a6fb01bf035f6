/** What who watches the engine is told: every change once, when it has happened. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type Arpent, illgrpCreateArpent } from "#src/ipmp/arpent.js";
import type { ResolverAction } from "#src/ipmp/effects.js";
import { PHYI } from "#src/ipmp/flags.js";
import type { Ill } from "#src/ipmp/ill.js";
import { type Illgrp, illgrpUnlinkGrp } from "#src/ipmp/illgrp.js";
import type { Ipif } from "#src/ipmp/ipif.js";
import { grpCreate, grpDestroy, grpLookup, grpRename, type IpmpGroup } from "#src/ipmp/ipmp-group.js";
import { phyintLeaveGrp } from "#src/ipmp/membership.js";
import type { Phyint } from "#src/ipmp/phyint.js";
import { phyintRefreshActive } from "#src/ipmp/refresh.js";
import { Lan, Notebook, present, up } from "./lan.ts";

/** Writes down the changes, each with a sign that it has happened already. */
class Watcher extends Notebook {
  readonly changes: string[] = [];

  override groupCreated(group: IpmpGroup): void {
    this.changes.push(`created ${group.name} ${grpLookup(group.stack, group.name) === group}`);
  }
  override groupRenamed(group: IpmpGroup, before: string): void {
    this.changes.push(`renamed ${before} ${group.name} ${grpLookup(group.stack, group.name) === group}`);
  }
  override groupDestroyed(group: IpmpGroup): void {
    this.changes.push(`destroyed ${group.name} ${grpLookup(group.stack, group.name) === undefined}`);
  }
  override phyintJoined(phyint: Phyint, group: IpmpGroup): void {
    this.changes.push(`joined ${phyint.name} ${group.name} ${group.members.has(phyint)}`);
  }
  override phyintLeft(phyint: Phyint, group: IpmpGroup): void {
    this.changes.push(`left ${phyint.name} ${group.name} ${!group.members.has(phyint)}`);
  }
  override illJoined(ill: Ill, illgrp: Illgrp): void {
    this.changes.push(`ill joined ${ill.name} ${illgrp.ills.includes(ill)}`);
  }
  override illLeft(ill: Ill, illgrp: Illgrp): void {
    this.changes.push(`ill left ${ill.name} ${!illgrp.ills.includes(ill)}`);
  }
  override illActivated(ill: Ill): void {
    this.changes.push(`activated ${ill.name} ${ill.grp?.actif.includes(ill)}`);
  }
  override illDeactivated(ill: Ill): void {
    this.changes.push(`deactivated ${ill.name} ${ill.grp?.actif.includes(ill) === false}`);
  }
  override ipifBound(ipif: Ipif, ill: Ill, action: ResolverAction): void {
    this.changes.push(`bound ${ipif.id} ${ill.name} ${action} ${ipif.boundIll === ill}`);
  }
  override ipifUnbound(ipif: Ipif, ill: Ill): void {
    this.changes.push(`unbound ${ipif.id} ${ill.name} ${ipif.boundIll === undefined}`);
  }
  override castEnabled(_illgrp: Illgrp, ill: Ill): void {
    this.changes.push(`cast enabled ${ill.name}`);
  }
  override castDisabled(_illgrp: Illgrp, ill: Ill): void {
    this.changes.push(`cast disabled ${ill.name}`);
  }
  override mtuSet(illgrp: Illgrp, before: number): void {
    this.changes.push(`mtu ${before} ${illgrp.mtu}`);
  }
  override arpentCreated(arpent: Arpent): void {
    this.changes.push(`entry ${arpent.illgrp.name} ${arpent.ipaddr}`);
  }
  override arpentDestroyed(arpent: Arpent): void {
    this.changes.push(`no entry ${arpent.ipaddr}`);
  }

  takeChanges(): string[] {
    return this.changes.splice(0);
  }
}

describe("who watches the engine", () => {
  test("hears of a group from its creation to its end", () => {
    const watcher = new Watcher();
    const lan = new Lan(watcher);
    const group = lan.group("ipmp0");
    assert.deepEqual(watcher.takeChanges(), ["created ipmp0 true", "mtu 0 68"]);
    grpRename(group, "a");
    illgrpUnlinkGrp(present(group.v4));
    grpDestroy(group);
    assert.deepEqual(watcher.takeChanges(), ["renamed ipmp0 a true", "destroyed a true"]);
  });

  test("hears nothing of a group that could not be made", () => {
    const watcher = new Watcher();
    const lan = new Lan(watcher);
    grpRename(lan.group("ipmp0"), "a");
    watcher.takeChanges();
    assert.throws(() => grpCreate(lan.stack, "a", lan.meta("a")));
    assert.deepEqual(watcher.takeChanges(), []);
  });

  test("hears of members, addresses, nominees and entries in the order in which they change", () => {
    const watcher = new Watcher();
    const lan = new Lan(watcher);
    const group = lan.group("ipmp0");
    lan.data("d1", group);
    watcher.takeChanges();
    const [first, second] = ["A", "B"].map((name) => lan.member(name, group));
    assert.deepEqual(watcher.takeChanges(), [
      "joined A ipmp0 true",
      "mtu 68 1500",
      "ill joined A/v4 true",
      "joined B ipmp0 true",
      "ill joined B/v4 true",
    ]);
    for (const member of [present(first), present(second)]) {
      up(lan.ipif(`${member.name}0`, present(member.v4)));
      phyintRefreshActive(member);
    }
    illgrpCreateArpent(present(group.v4), { ipaddr: "192.0.2.9", proxyarp: false, lladdr: "", flags: 0 });
    assert.deepEqual(watcher.takeChanges(), [
      "cast enabled A/v4",
      "bound d1 A/v4 initial true",
      "activated A/v4 true",
      "activated B/v4 true",
      "entry ipmp0/v4 192.0.2.9",
    ]);
    present(first).flags |= PHYI.FAILED;
    phyintRefreshActive(present(first));
    assert.deepEqual(watcher.takeChanges(), [
      "cast disabled A/v4",
      "cast enabled B/v4",
      "unbound d1 A/v4 true",
      "bound d1 B/v4 rebind true",
      "deactivated A/v4 true",
    ]);
    phyintLeaveGrp(present(first));
    phyintLeaveGrp(present(second));
    assert.deepEqual(watcher.takeChanges(), [
      "ill left A/v4 true",
      "left A ipmp0 true",
      "cast disabled B/v4",
      "unbound d1 B/v4 true",
      "deactivated B/v4 true",
      "mtu 1500 68",
      "no entry 192.0.2.9",
      "ill left B/v4 true",
      "left B ipmp0 true",
    ]);
  });
});
