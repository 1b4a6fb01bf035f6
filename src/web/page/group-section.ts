/** One group: whether it is well and why not, what it carries, its members, and where its addresses are. */

import type { LoggedEvent } from "../../snapshot/event.ts";
import type { AddressSnapshot, GroupSnapshot, Snapshot } from "../../snapshot/snapshot.ts";
import { eventSentence } from "../../wording/event-sentence.ts";
import { isWarnedOf } from "../../wording/shared-fate.ts";
import { NO_REDUNDANCY, type Verdict, verdictOf } from "../../wording/verdict.ts";
import { eventSign } from "./event-sign.ts";
import { labelled } from "./icon.ts";
import { type Html, html, type Part } from "./markup.ts";
import { memberTable, NONE } from "./member-table.ts";
import { type Layer, type Mark, plot } from "./plot.ts";
import { instant } from "./instant.ts";
import { bitsPerSecond, count, duration } from "../../wording/quantity.ts";
import { probeTable, type RoundTrips } from "./probe-table.ts";
import { withoutQuery } from "./what-if.ts";
import { groupKey, memberKey, type Rate, type TrafficHistory } from "./traffic-history.ts";

/** The style sheet has so many colours for members. */
const COLOURS = 8;

export interface GroupContext {
  readonly snapshot: Snapshot;
  /** For rates of now. */
  readonly traffic: TrafficHistory;
  /** For the plot. */
  readonly plotted: TrafficHistory;
  readonly roundTrips: RoundTrips;
  /** Those of the group. */
  readonly events: readonly LoggedEvent[];
  /** From the page to the root: "" or "../". */
  readonly root: string;
  /** Whether this is the group's own page. */
  readonly alone: boolean;
}

export function groupSection(group: GroupSnapshot, context: GroupContext): Html {
  const { snapshot, traffic, plotted, roundTrips, events, root, alone } = context;
  const now = traffic.now(groupKey(group.name));
  const verdict = verdictOf(group, snapshot);
  const devices = plotted.devices(group.name);
  const colours = new Map(devices.map((device, index) => [device, index % COLOURS]));
  const layers = devices.map(
    (device): Layer => ({
      name: device,
      colour: colours.get(device) ?? 0,
      points: plotted.rates(memberKey(group.name, device)),
    }),
  );
  const name = alone ? html`${group.name}` : html`<a href="${groupLink(root, group.name, snapshot)}">${group.name}</a>`;
  const level = alone ? html`<h1>${name}</h1>` : html`<h2>${name}</h2>`;
  return html`<section class="group ${verdict.isSingle && verdict.state === "ok" ? "single" : verdict.state}" data-key="g${group.name}" aria-label="Group ${group.name}">
<header>${level}<p class="status">${groupState(verdict)}${!verdict.isSupposed && html` <span class="dim">for ${duration(snapshot.at - group.lastChange)}</span>`}</p>
<p class="now"><span>in <b>${now ? bitsPerSecond(now.receive) : NONE}</b></span> <span>out <b>${now ? bitsPerSecond(now.transmit) : NONE}</b></span></p>
${trouble(verdict)}</header>
<div class="body">
${plot(layers, marks(events, snapshot), { name: group.name, now: snapshot.at, wallMs: snapshot.wallMs, span: plotted.span, remaining: group.capacity?.withoutLargestBitsPerSecond })}
<dl>${facts(group, now)}</dl>
</div>
${memberTable(group, colours, traffic)}
${probeTable(group, roundTrips)}
${group.addresses !== undefined && group.addresses.length > 0 && addressList(group)}
</section>`;
}

/** What is supposed to have failed goes along. */
export function groupLink(root: string, name: string, shown: Pick<Snapshot, "without">): string {
  return `${root}groups/${encodeURIComponent(name)}${withoutQuery(shown)}`;
}

/** A lone link is neither well nor ill: nothing stands in for it. */
export function groupState({ state, isSingle }: Verdict): Html {
  return state === "ok" && isSingle ? labelled("single", NO_REDUNDANCY) : labelled(state);
}

/** What keeps it from being well, or makes that doubtful, in one sentence. */
export function trouble({ state, because, warnings }: Verdict): Part {
  const clauses = [...(state === "ok" ? [] : [because]), ...warnings];
  return clauses.length > 0 && html`<p class="trouble">${clauses.join("; ")}.</p>`;
}

function facts(group: GroupSnapshot, now: Rate | undefined): Html {
  const rows: readonly (readonly [string, Part])[] = [
    [
      "Active",
      html`${group.counts.active} of ${group.membersExpected} ${group.membersExpected === 1 ? "member" : "members"}`,
    ],
    ["Headroom", headroom(group, now)],
    ["Failovers", failovers(group)],
    ...nominees(group),
    ["MTU", group.mtu === undefined ? NONE : html`${group.mtu} bytes`],
    ["Kind", html`${KINDS[group.mode] ?? group.mode}, ${SOURCES[group.source]}`],
    ...bondFacts(group),
    ...sharedFacts(group),
    ...(group.ifname === group.name ? [] : ([["Interface", html`<code>${group.ifname}</code>`]] as const)),
  ];
  return html`${rows.map(([term, value]) => html`<div><dt>${term}</dt><dd>${value}</dd></div>\n`)}`;
}

/** What its members share and are not warned of: it is meant to be so, or no oversight. */
function sharedFacts({ fate }: GroupSnapshot): readonly (readonly [string, Part])[] {
  const told = fate?.shared.filter((domain) => !isWarnedOf(domain)) ?? [];
  if (told.length === 0) return [];
  const items = told.map(({ kind, domain, accepted }, n) => {
    const reason = accepted !== undefined && html` <span class="dim">(${accepted})</span>`;
    return html`${n > 0 && ", "}${kind} <code>${domain}</code>${reason}`;
  });
  return [["Shared", html`${items}`]];
}

/** What a bond's links are watched by, and who is at the other end of them. */
function bondFacts({ monitor, lacp }: GroupSnapshot): readonly (readonly [string, Part])[] {
  const watched =
    monitor && (monitor === "none" ? html`<b class="bad">none</b>: it does not fail over` : MONITORS[monitor]);
  const key = lacp?.partnerKey === undefined ? "" : `, key ${lacp.partnerKey}`;
  const partner = lacp?.partnerLladdr === undefined ? NONE : html`<code>${lacp.partnerLladdr}</code>${key}`;
  return [
    ...(watched === undefined ? [] : ([["Monitor", watched]] as const)),
    ...(lacp === undefined ? [] : ([["LACP partner", partner]] as const)),
  ];
}

const MONITORS = { mii: "MII", arp: "ARP" } as const;

const SOURCES: Readonly<Record<GroupSnapshot["source"], string>> = {
  configuration: "configured",
  bond: "a bond of the system",
  team: "a team of the system",
  route: "a multipath route",
  illumos: "a group of the system",
  default: "found by itself",
  lag: "a LAG of the device",
};

const KINDS: Readonly<Record<string, string>> = {
  ipmp: "IPMP",
  ecmp: "ECMP",
  set: "set of links",
  lag: "link aggregation",
};

/** What the group could still carry if its fastest member went, beyond what its busier direction carries now. */
function headroom({ state, capacity, membersExpected }: GroupSnapshot, now: Rate | undefined): Part {
  if (capacity === undefined) return html`<span class="dim">unknown: not every speed is known</span>`;
  const { withoutLargestBitsPerSecond: rest } = capacity;
  const without = html`<span class="dim">without the largest</span>`;
  if (state === "failed") return html`<b class="bad">none</b>: no member works`;
  if (rest === 0 && membersExpected <= 1) return html`none: ${NO_REDUNDANCY}`;
  if (rest === 0) return html`<b class="bad">none</b>: one more failure is an outage`;
  if (now === undefined) return html`${bitsPerSecond(rest)} of capacity ${without}`;
  const left = rest - Math.max(now.receive, now.transmit);
  if (left < 0) return html`<b class="bad">${bitsPerSecond(-left)} short</b> ${without}`;
  return html`${bitsPerSecond(left)} ${without}`;
}

function failovers({ failovers: times, lastFailoverMs }: GroupSnapshot): Part {
  return html`${count(times)}${lastFailoverMs !== undefined && html`, last ${instant(lastFailoverMs)}`}`;
}

function nominees({ castDevice }: GroupSnapshot): readonly (readonly [string, Part])[] {
  if (castDevice === undefined) return [];
  const { ipv4, ipv6 } = castDevice;
  const code = (device: string | undefined): Part => (device === undefined ? NONE : html`<code>${device}</code>`);
  const value = ipv4 === ipv6 ? code(ipv4) : html`IPv4 ${code(ipv4)}, IPv6 ${code(ipv6)}`;
  return [["Multicast", html`${value}`]];
}

function addressList(group: GroupSnapshot): Html {
  return html`<div class="addresses"><p>Addresses</p><ul aria-label="Addresses of ${group.name}">
${group.addresses?.map((address) => {
  const { inbound } = address;
  const where = inbound === undefined ? html`<b class="bad">bound nowhere</b>` : html`on <code>${inbound}</code>`;
  return html`<li data-key="i${address.address}"><code>${address.address}</code> ${address.up ? where : html`<span class="dim">down</span>`}${elsewhere(address)}</li>\n`;
})}</ul></div>`;
}

/** Where the address is, when the link that IPMP would choose does not have it. */
function elsewhere({ up, inbound, heldBy }: AddressSnapshot): Part {
  if (!heldBy || !up || (inbound !== undefined && heldBy.includes(inbound))) return undefined;
  const holders = heldBy.length === 0 ? "no link" : heldBy.join(" and ");
  return html` <b class="bad" title="Bound as IPMP would bind it: a model, which moves no address">in fact on ${holders}</b>`;
}

const MARKED: ReadonlySet<LoggedEvent["kind"]> = new Set(["member-state", "member-left", "program-started"]);

/** Changes of members, and starts of the program, as lines across the plot. */
function marks(events: readonly LoggedEvent[], { at, wallMs }: Snapshot): Mark[] {
  return events
    .filter(({ kind }) => MARKED.has(kind))
    .map((event) => ({
      at: at - BigInt(Math.round((wallMs - event.wallMs) * 1e6)),
      text: `${eventSentence(event)} — ${event.cause}`,
      sign: eventSign(event),
    }));
}
