import assert from "node:assert/strict";
import { endianness } from "node:os";
import { describe, test } from "node:test";
import type { LinkAttributes } from "#src/link/link-attributes.js";
import { BondWatch } from "#src/sources/linux/bond-watch.js";
import { TeamWatch } from "#src/sources/linux/team-watch.js";
import { A_PORT, NO_AGGREGATE } from "../../support/fake-bond.ts";
import { aLink } from "../../support/snapshot.ts";
import { FakeKernel } from "./fake-kernel.ts";
import { CHANGES_GROUP, CONTROLLER, type Option, TEAM_FAMILY_ID, teamFamily, teamOptions } from "./teams.ts";

const EPERM = 1;
const [TEAM, D0, D1] = [30, 1, 2];
const PORT = { ...A_PORT, kind: "team", role: undefined, miiStatus: undefined, linkFailures: undefined } as const;

function attributes(name: string, ifindex: number, more: Partial<LinkAttributes>): LinkAttributes {
  return { ...aLink({ name, ifindex }).attributes, ...more };
}
const team0 = attributes("team0", TEAM, { aggregate: { ...NO_AGGREGATE, kind: "team", monitor: undefined } });
const ports = [D0, D1].map((ifindex) => attributes(`d${ifindex - 1}`, ifindex, { masterIfindex: TEAM, port: PORT }));

/** A team of d0 and d1 that is seen for the first time by who may ask for these options, or may not ask at all. */
function seen(answer: readonly Option[] | undefined) {
  const kernel = new FakeKernel();
  kernel.answers.set(CONTROLLER, [teamFamily()]);
  kernel.answers.set(TEAM_FAMILY_ID, answer === undefined ? EPERM : [teamOptions(TEAM, ...answer)]);
  const watch = new TeamWatch(kernel);
  const told = () => [team0, ...ports].map((link) => watch.complete(link));
  /** Links of which there is news, with it. */
  const retold = () => {
    const news = new Set(watch.take());
    return [team0, ...ports].filter(({ ifindex }) => news.has(ifindex)).map((link) => watch.complete(link));
  };
  const change = (...options: readonly Option[]) => kernel.multicast(CHANGES_GROUP, teamOptions(TEAM, ...options));
  return { kernel, watch, told, retold, change };
}

/** "activebackup 1: active backup" */
function brief(links: readonly LinkAttributes[]): string {
  const [team, ...members] = links;
  const roles = members.map(({ port }) => port?.role ?? "?");
  return `${team?.aggregate?.mode ?? "?"} ${team?.aggregate?.activeIfindex ?? "-"}: ${roles.join(" ")}`;
}

const ACTIVE_BACKUP = [
  { name: "mode", value: "activebackup" },
  { name: "activeport", value: D0 },
] as const;

describe("a team", { skip: endianness() === "BE" && "the messages here are little-endian" }, () => {
  test("is asked for its active port by who may ask", () => {
    const { told } = seen(ACTIVE_BACKUP);
    assert.equal(brief(told()), "activebackup 1: active backup");
  });

  test("tells of ports that were listed before it", () => {
    const { watch, retold } = seen(ACTIVE_BACKUP);
    assert.deepEqual(
      ports.map((link) => watch.complete(link).port?.role),
      [undefined, undefined],
    );
    watch.complete(team0);
    assert.deepEqual(
      retold().map(({ name, port }) => `${name} ${port?.role}`),
      ["team0 undefined", "d0 active", "d1 backup"],
    );
    assert.deepEqual(watch.take(), []);
  });

  test("tells nobody else, until the active port is another one", () => {
    const { watch, told, change, retold } = seen(undefined);
    assert.equal(brief(told()), "? -: ? ?");
    assert.deepEqual(watch.take(), []);
    change({ name: "activeport", value: D1 });
    assert.equal(brief(retold()), "activebackup 2: backup active");
    assert.equal(brief(told()), "activebackup 2: backup active", "and it is remembered");
  });

  test("without an active port has only backups", () => {
    const { told, change, retold } = seen(ACTIVE_BACKUP);
    told();
    change({ name: "activeport", value: 0 });
    assert.equal(brief(retold()), "activebackup -: backup backup");
  });

  test("in another mode uses the ports that teamd has enabled", () => {
    const { told, change, retold } = seen([
      { name: "mode", value: "loadbalance" },
      { name: "enabled", value: true, port: D0 },
      { name: "enabled", value: false, port: D1 },
    ]);
    assert.equal(brief(told()), "loadbalance -: active backup");
    change({ name: "enabled", value: true, port: D1 });
    assert.equal(brief(retold()), "loadbalance -: active active");
  });

  test("of a mode that is not told: a port that is enabled is used, of another nothing is known", () => {
    const { told, change, retold } = seen(undefined);
    told();
    change({ name: "enabled", value: true, port: D0 }, { name: "enabled", value: false, port: D1 });
    assert.equal(brief(retold()), "? -: active ?");
  });

  test("has links that teamd itself watches, besides their carrier", () => {
    const { told } = seen([
      ...ACTIVE_BACKUP,
      { name: "user_linkup", value: false, port: D0 },
      { name: "user_linkup_enabled", value: true, port: D0 },
      { name: "user_linkup", value: false, port: D1 },
    ]);
    assert.deepEqual(
      told().map(({ port }) => port?.miiStatus),
      [undefined, "down", undefined],
    );
  });

  test("that is gone and made anew is asked anew", () => {
    const { kernel, watch, told } = seen(ACTIVE_BACKUP);
    told();
    watch.forget(TEAM);
    kernel.answers.set(TEAM_FAMILY_ID, [teamOptions(TEAM, { name: "mode", value: "broadcast" })]);
    assert.equal(brief(told()), "broadcast -: ? ?");
  });

  test("of which changes were dropped is asked again", () => {
    const { kernel, told, retold } = seen(ACTIVE_BACKUP);
    told();
    kernel.answers.set(TEAM_FAMILY_ID, [teamOptions(TEAM, { name: "activeport", value: D1 })]);
    kernel.multicast(CHANGES_GROUP, -105); // ENOBUFS
    assert.equal(brief(retold()), "activebackup 2: backup active");
  });

  test("in a kernel or a sandbox without generic netlink is one of which nothing is known", () => {
    const { kernel, told } = seen(ACTIVE_BACKUP);
    kernel.failures.set("socket", 97); // EAFNOSUPPORT
    assert.equal(brief(told()), "? -: ? ?");
  });

  test("is asked later where no socket was to be had when it was first seen", () => {
    const { kernel, told } = seen(ACTIVE_BACKUP);
    kernel.mostSockets = 0;
    assert.equal(brief(told()), "? -: ? ?");
    kernel.mostSockets = 2;
    told();
    assert.equal(brief(told()), "activebackup 1: active backup");
  });

  test("that cannot be asked for want of another socket is one whose changes are heard", () => {
    const { kernel, told, change, retold } = seen(ACTIVE_BACKUP);
    kernel.mostSockets = 1;
    assert.equal(brief(told()), "? -: ? ?");
    change({ name: "activeport", value: D1 });
    assert.equal(brief(retold()), "activebackup 2: backup active");
  });

  test("is no bond's business", () => {
    const watch = new BondWatch("/nonexistent");
    for (const link of [team0, ...ports]) assert.deepEqual(watch.complete(link), link);
    assert.deepEqual(watch.watched, []);
  });
});
