/** The page, live: the event stream says when to look, the same document fetched again says what is different. */

import { Connection } from "./connection.ts";
import { offerCopying } from "./copying.ts";
import { offerCrosshairs } from "./crosshair.ts";
import { Feed } from "./feed.ts";
import { Refresher } from "./refresher.ts";

/** Numbers change without an event. */
const POLL_MS = 2_000;

const connection = new Connection(document);
const refresher = new Refresher(document, connection);
const { root = "", kinds = "" } = document.documentElement.dataset;
const feed = new Feed(new URL(`${root}api/v1/events`, location.href), kinds.split(" "), {
  onUp: () => refresher.refresh(),
  onEvent: () => refresher.refresh(),
  onDown: () => refresher.refresh(), // whether there is an answer at all decides what is said
});

let poll: number | undefined;

/** A page that nobody looks at holds no connection. */
function follow(): void {
  clearInterval(poll);
  if (document.visibilityState === "hidden") {
    feed.close();
    return;
  }
  feed.open();
  poll = setInterval(() => refresher.refresh(), POLL_MS);
  refresher.refresh();
}

document.addEventListener("visibilitychange", follow);
addEventListener("pagehide", () => feed.close());
addEventListener("pageshow", follow);
addEventListener("online", () => refresher.refresh());
offerCopying(document);
offerCrosshairs(document);
