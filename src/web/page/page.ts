/**
 * The page as a document: everything is rendered here, from one snapshot, and readable without a script. The script asks for the
 * same document again when something happens and every few seconds, and takes over what is different.
 */

import type { LoggedEvent } from "../../snapshot/event.ts";
import type { ProbeHistory } from "../../snapshot/probes.ts";
import { GROUP_STATES, type GroupSnapshot, type GroupState, type Snapshot } from "../../snapshot/snapshot.ts";
import { EVENT_KINDS } from "../../wording/event-sentence.ts";
import {
  bySeverity,
  IN_FULL,
  IN_TROUBLE,
  textOf,
  type Word,
  verdictOf,
  wordsOf,
  wordsOfAll,
} from "../../wording/verdict.ts";
import { bondTable } from "./bond-table.ts";
import { counterTable } from "./counter-table.ts";
import { deviceSection } from "./device-table.ts";
import { emptyState, snippet } from "./empty-state.ts";
import { concerns } from "./event-sign.ts";
import { groupSection } from "./group-section.ts";
import { icon, tabIcon } from "./icon.ts";
import { type Html, html, type Part } from "./markup.ts";
import { linkTable } from "./member-table.ts";
import { headline } from "./headline.ts";
import { chooser, overview } from "./overview.ts";
import { isChosen, queryOf, type Row, type Selection, select } from "./selection.ts";
import { clockTime, instant } from "./instant.ts";
import { duration } from "../../wording/quantity.ts";
import { RoundTrips } from "./probe-table.ts";
import { withoutWords } from "../../wording/supposition.ts";
import { timeline } from "./timeline.ts";
import { whatIfError, whatIfForm, whatIfNotice, withoutQuery } from "./what-if.ts";
import { groupKey, SPANS, type Span, type TrafficHistory } from "./traffic-history.ts";

export interface PageContext {
  readonly snapshot: Snapshot;
  readonly events: readonly LoggedEvent[];
  /** For rates of now. */
  readonly traffic: TrafficHistory;
  /** For the plots. */
  readonly plotted: TrafficHistory;
  readonly probes: ProbeHistory;
  readonly version: string;
  /** Which machine this is about. */
  readonly host: string;
  readonly telemetryPath: string;
  /** What is wrong with what was supposed to have failed. */
  readonly mistake?: string;
  /** Names the assets that the page was made for; they lie in `assets/<name>/`. */
  readonly assets: string;
}

const HOME_EVENTS = 40;
const GROUP_EVENTS = 200;

export function homePage(context: PageContext, selection: Selection): string {
  const { snapshot, events } = context;
  const root = "";
  const groups = [...snapshot.groups].sort(bySeverity);
  const all = wordsOfAll(groups.map((group) => verdictOf(group, snapshot)));
  const words = snapshot.without ? withoutWords(snapshot.without, all) : all;
  const back = `./${queryOf({ ...selection, without: [] })}`;
  const body = html`<h1 class="summary">${headline(words, root, snapshot)}</h1>
${notices(snapshot)}${whatIfPart(context, back)}<div id="groups">${groups.length > IN_FULL ? manyGroups(groups, context, selection) : inFull(groups, context)}</div>
${groups.length === 0 && emptyState(snapshot.links)}${deviceSection(snapshot, root)}${hint(snapshot)}
${groups.length > 0 && whatIfForm(snapshot, keptOf(selection))}
<section class="events" id="events" aria-label="Events"><h2>Events</h2>
${timeline(events, HOME_EVENTS, root)}</section>`;
  return document(context, { root, title: titleOf(words), state: groups[0]?.state ?? "degraded", body });
}

function inFull(groups: readonly GroupSnapshot[], { snapshot, events, traffic, plotted, probes }: PageContext): Part {
  const roundTrips = new RoundTrips(probes, snapshot.wallMs);
  return groups.map((group) =>
    groupSection(group, {
      snapshot,
      traffic,
      plotted,
      roundTrips,
      root: "",
      alone: false,
      events: eventsOf(group, events),
    }),
  );
}

/** Those in trouble in full, the healthy ones folded away; a table of what was chosen, once somebody has. */
function manyGroups(groups: readonly GroupSnapshot[], context: PageContext, selection: Selection): Part {
  const { snapshot, events, traffic } = context;
  const rows = groups.map((group): Row => {
    const now = traffic.now(groupKey(group.name));
    return { group, verdict: verdictOf(group, snapshot), busier: now && Math.max(now.receive, now.transmit) };
  });
  const found = select(rows, selection);
  const table = (shown: readonly Row[]): Html => overview(shown, selection, { snapshot, events, traffic, root: "" });
  const choose = chooser(selection, found.length, rows.length);
  if (isChosen(selection))
    return html`${choose}${found.length === 0 ? html`<p class="quiet">No group is like that.</p>` : table(found)}`;
  const troubled = found.filter(({ group }) => group.state !== "ok");
  const well = found.slice(troubled.length);
  return html`${choose}${inFull(
    troubled.slice(0, IN_TROUBLE).map(({ group }) => group),
    context,
  )}${troubled.length > IN_TROUBLE && table(troubled.slice(IN_TROUBLE))}
<details data-key="well"${troubled.length === 0 && html` open`}><summary>${well.length} ok</summary>${table(well)}</details>`;
}

export function groupPage(group: GroupSnapshot, context: PageContext): string {
  const { snapshot, traffic, plotted } = context;
  const root = "../";
  const one = wordsOf(verdictOf(group, snapshot));
  const words = snapshot.without ? withoutWords(snapshot.without, one) : one;
  const keep = new Map([["span", plotted.span.name]]);
  const roundTrips = new RoundTrips(context.probes, snapshot.wallMs);
  const events = eventsOf(group, context.events);
  const body = html`<p class="quiet"><a href="${root}${withoutQuery(snapshot)}">All groups</a></p>
${notices(snapshot)}${whatIfPart(context, `?span=${plotted.span.name}`)}${groupSection(group, { snapshot, traffic, plotted, roundTrips, root, alone: true, events })}${spanLinks(plotted.span, snapshot)}
${whatIfForm(snapshot, keep)}
<section class="part" aria-label="Links"><h2>Links</h2>${linkTable(group, snapshot.at)}</section>
${bondTable(group)}
<section class="part" aria-label="Counters"><h2>Counters for ${duration(snapshot.at - group.crtime)}</h2>${counterTable(group, snapshot)}
<p class="quiet">Of that time ${GROUP_STATES.map((state, index) => `${index === 0 ? "" : ", "}${duration(group.stateTime[state])} ${state}`)}.</p></section>
<section class="events" id="events" aria-label="Events"><h2>Events</h2>
${timeline(events, GROUP_EVENTS, root)}</section>`;
  return document(context, { root, title: titleOf(words), state: group.state, body });
}

/** What is supposed, and what was wrong with it. */
function whatIfPart({ snapshot, mistake }: PageContext, back: string): Part {
  const { without } = snapshot;
  return [mistake !== undefined && whatIfError(mistake), without !== undefined && whatIfNotice(without, back)];
}

/** The parts of the address that choose groups. */
function keptOf(selection: Selection): Map<string, string> {
  return new Map(new URLSearchParams(queryOf({ ...selection, without: [] })));
}

/** Which time the plot shows stands in the address. */
function spanLinks(shown: Span, snapshot: Snapshot): Html {
  const links = SPANS.map(({ name, words }) =>
    name === shown.name
      ? html`<b aria-current="true">${words}</b>`
      : html`<a href="?span=${name}${withoutQuery(snapshot, "&")}">${words}</a>`,
  );
  return html`<p class="spans">Traffic of the last ${links.map((link, n) => html`${n > 0 && " · "}${link}`)}</p>`;
}

/** For a group that is no more, or never was. */
export function noGroupPage(name: string, context: PageContext): string {
  const root = "../";
  const body = html`<h1 class="summary">There is no group ${name}</h1>
<p>Perhaps it has been removed from the configuration. <a href="${root}">All groups</a></p>
<section class="events" id="events" aria-label="Events"><h2>Events</h2>
${timeline(
  context.events.filter((event) => "group" in event && event.group === name),
  GROUP_EVENTS,
  root,
)}</section>`;
  return document(context, { root, title: `No group ${name}`, state: "failed", body });
}

/** The sentence of the headline, for the window's title. */
function titleOf(words: readonly Word[]): string {
  return textOf(words, clockTime).replace(/\.$/, "");
}

interface Content {
  readonly root: string;
  readonly title: string;
  readonly state: GroupState;
  readonly body: Html;
}

function document(context: PageContext, { root, title, state, body }: Content): string {
  const { snapshot, host, version, telemetryPath, assets } = context;
  const folder = `${root}assets/${assets}`;
  const metrics = `${root || "./"}${telemetryPath.slice(1)}`;
  return html`<!DOCTYPE html>
<html lang="en" data-assets="${assets}" data-root="${root}" data-kinds="${EVENT_KINDS.join(" ")}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} · ${host}</title>
<link rel="icon" href="${tabIcon(state)}">
<link rel="stylesheet" href="${folder}/page.css">
<script type="module" src="${folder}/main.js"></script>
</head>
<body>
<a class="skip" href="#main">To the groups</a><a class="skip" href="#events">To the events</a>
<header class="top"><a href="${root || "./"}">IPMP Exporter</a><span class="host">${host}</span>
<p id="connection" data-keep>As of ${instant(snapshot.wallMs)}</p></header>
<p id="lost" role="alert" data-keep hidden></p>
<p id="announcement" class="sr" role="status" data-keep></p>
<main id="main">
${body}
</main>
<footer><span>Version ${version}, links by ${[...new Set(snapshot.sources.map(({ kind }) => kind))].join(", ")}</span><a href="${metrics}">Metrics</a><a href="${root}api/v1/groups">Groups</a><a href="${root}api/v1/links">Links</a><a href="${root}api/v1/kstats">kstats</a><a href="${root}api/v1/events">Events</a><a href="${root}api/v1/status">Status</a>
<noscript>Without JavaScript this page does not follow what happens: load it again to see more.</noscript></footer>
</body>
</html>
`.text;
}

function eventsOf(group: GroupSnapshot, events: readonly LoggedEvent[]): readonly LoggedEvent[] {
  const devices = new Set(group.members.map(({ label }) => label));
  return events.filter((event) => concerns(event, group.name, devices));
}

/** What is wrong with the program itself, so that nobody trusts numbers that are not to be trusted. */
function notices({ collectors, state, audit }: Snapshot): Part {
  const failed = collectors.filter(({ success }) => !success).map(({ name }) => name);
  const texts = [
    failed.length > 0 &&
      `The links could not be read (${failed.join(", ")}): numbers are those of the last time that worked.`,
    state?.saved === false && "The state cannot be saved: after a restart, counters would go back to the last save.",
    state?.fault !== undefined &&
      `The state file was ${state.fault} when the program started: ${state.recovered ? "it went on from the last good copy" : "counters began again"}.`,
    audit?.ok === false &&
      "A group does not add up: please report it, with what /api/v1/audit of the control socket says.",
  ].filter((text) => typeof text === "string");
  return texts.map(
    (text) => html`<div class="notice"><span class="state degraded">${icon("degraded")}</span><p>${text}</p></div>\n`,
  );
}

/** When the only group is one that nobody asked for. */
function hint({ groups, links }: Snapshot): Part {
  const [group] = groups;
  if (groups.length !== 1 || group?.source !== "default") return undefined;
  const devices = new Set(group.members.map(({ device }) => device));
  return html`<details data-key="hint"><summary>Nobody has configured this group: how to name your own</summary>
<p>Without a configuration, the links with a default route are watched. To say which links stand in for each other, write to a file and start the program with <code>--config.file</code>:</p>
${snippet(links.filter(({ attributes }) => devices.has(attributes.name)))}</details>`;
}
