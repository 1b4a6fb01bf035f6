import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type Hop, type Route, routeUses } from "#src/membership/route-use.js";

const hop = (ifindex: number, more: Partial<Hop> = {}): Hop => ({ ifindex, weight: 1, dead: false, ...more });
const route = (metric: number, nextHops: readonly Hop[], more: Partial<Route> = {}): Route => ({
  family: "ipv4",
  metric,
  nextHops,
  ...more,
});
/** "best", or "best standby"; uplinks in `down` do not work. */
function ranks(routes: readonly Route[], uplinks: readonly number[], down: readonly number[] = []): string[] {
  const uses = routeUses(routes, uplinks, (ifindex) => !down.includes(ifindex));
  return Array.from(uses.values(), ({ rank, standby }) => (standby ? `${rank} standby` : rank));
}
const inRoute = (routes: readonly Route[], uplinks: readonly number[]) =>
  Array.from(routeUses(routes, uplinks, () => true).values(), (use) => use.inRoute);

describe("an uplink", () => {
  test("among the next hops of one route is used, with its weight", () => {
    const uses = routeUses([route(0, [hop(1, { weight: 3 }), hop(2)])], [1, 2], () => true);
    assert.deepEqual(
      Array.from(uses.values(), ({ rank, inRoute: used, weight }) => [rank, used, weight]),
      [
        ["best", true, 3],
        ["best", true, 1],
      ],
    );
  });

  test("that no route has is none's", () => {
    assert.deepEqual(ranks([route(0, [hop(1)])], [1, 2]), ["best", "none"]);
    assert.deepEqual(ranks([], [1, 2]), ["none", "none"]);
  });

  test("with a worse metric is the standby, and used when the better one does not work", () => {
    const routes = [route(200, [hop(2)]), route(100, [hop(1)])];
    assert.deepEqual(ranks(routes, [1, 2]), ["best", "reserve standby"]);
    assert.deepEqual(ranks(routes, [1, 2], [1]), ["best", "best standby"]);
  });

  test("of IPv4 with the same metric waits behind the first route", () =>
    assert.deepEqual(ranks([route(0, [hop(1)]), route(0, [hop(2)])], [1, 2]), ["best", "reserve standby"]));

  test("is used when one family uses it", () => {
    const routes = [route(100, [hop(1)]), route(200, [hop(2)]), route(1024, [hop(2)], { family: "ipv6" })];
    assert.deepEqual(ranks(routes, [1, 2]), ["best", "best"]);
  });

  test("that routers advertise alike may be the one in use: nobody tells which", () => {
    const routes = [1, 2].map((ifindex) => route(1024, [hop(ifindex)], { family: "ipv6", advertised: "medium" }));
    assert.deepEqual(ranks(routes, [1, 2]), ["best", "best"]);
    assert.deepEqual(inRoute(routes, [1, 2]), [undefined, undefined]);
  });

  test("that a router advertises with a low preference waits for the one with a high", () => {
    const routes = [
      route(1024, [hop(1)], { family: "ipv6", advertised: "low" }),
      route(1024, [hop(2)], { family: "ipv6", advertised: "high" }),
    ];
    assert.deepEqual(ranks(routes, [1, 2]), ["reserve standby", "best"]);
    assert.deepEqual(inRoute(routes, [1, 2]), [false, true]);
  });

  test("without carrier that the kernel sends through all the same is in the route, and its reserve is not", () => {
    const blind = hop(1, { dead: true, usedWithoutCarrier: true });
    const routes = [route(100, [blind]), route(200, [hop(2)])];
    assert.deepEqual(inRoute(routes, [1, 2]), [true, false]);
    assert.deepEqual(ranks(routes, [1, 2], [1]), ["best", "best standby"]);
    const skipped = [route(100, [hop(1, { dead: true })]), route(200, [hop(2)])];
    assert.deepEqual(inRoute(skipped, [1, 2]), [false, true]);
  });

  test("whose next hop the kernel has given up is not called active, and the other one has all the weight", () => {
    const routes = [route(0, [hop(1, { dead: true }), hop(2)])];
    assert.deepEqual(ranks(routes, [1, 2]), ["dead", "best"]);
    assert.deepEqual(ranks([route(100, [hop(1, { dead: true })]), route(200, [hop(2)])], [1, 2]), [
      "dead",
      "best standby",
    ]);
    assert.deepEqual(ranks(routes, [1, 2], [1]), ["best", "best"], "what its link says comes first");
  });

  test("whose router does not answer is left out, and no worse route is used instead", () => {
    const silent = { dead: true, unanswered: true } as const;
    const routes = [route(1, [hop(1, silent), hop(2)]), route(2, [hop(3)])];
    assert.deepEqual(ranks(routes, [1, 2, 3]), ["silent", "best", "reserve standby"]);
    assert.deepEqual(inRoute(routes, [1, 2, 3]), [false, true, false]);
    const all = [route(1, [hop(1, silent), hop(2, silent)]), route(2, [hop(3)])];
    assert.deepEqual(ranks(all, [1, 2, 3]), ["silent", "silent", "reserve standby"]);
    assert.deepEqual(inRoute(all, [1, 2, 3]), [false, false, false]);
  });

  test("whose router advertised itself and does not answer makes room for one of a lower preference", () => {
    const advertised = (ifindex: number, preference: "high" | "low", more: Partial<Hop> = {}) =>
      route(1024, [hop(ifindex, more)], { family: "ipv6", advertised: preference });
    const routes = [advertised(1, "high", { dead: true, unanswered: true }), advertised(2, "low")];
    assert.deepEqual(ranks(routes, [1, 2]), ["silent", "best standby"]);
    assert.deepEqual(inRoute(routes, [1, 2]), [false, true]);
  });

  test("with several routes counts by the best one that the kernel has not given up", () => {
    const routes = [route(1, [hop(1, { dead: true })]), route(11, [hop(1)]), route(12, [hop(2)])];
    assert.deepEqual(ranks(routes, [1, 2]), ["best standby", "reserve standby"]);
    assert.deepEqual(inRoute(routes, [1, 2]), [true, false]);
  });

  test("behind a route that leads nowhere is in no route, unless another family uses it", () => {
    const nowhere = route(5, [], { leadsNowhere: true });
    const routes = [route(20, [hop(1), hop(2)]), nowhere];
    assert.deepEqual(ranks(routes, [1, 2]), ["blocked standby", "blocked standby"]);
    assert.deepEqual(inRoute(routes, [1, 2]), [false, false]);
    assert.deepEqual(ranks([route(1, [hop(1)]), nowhere, route(20, [hop(2)])], [1, 2], [1]), [
      "best",
      "blocked standby",
    ]);
    const dual = [...routes, route(1024, [hop(2)], { family: "ipv6" })];
    assert.deepEqual(ranks(dual, [1, 2]), ["blocked standby", "best"]);
  });

  test("that a route may have without showing it is not called unused", () =>
    assert.deepEqual(ranks([route(0, [hop(1)], { incomplete: true })], [1, 2]), ["best", "unknown"]));
});
