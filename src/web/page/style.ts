/** The page's style sheet. Plain, dense, aligned; every state has a shape and a word beside its colour. */

/** Of states in the light theme. */
export const LIGHT = { ok: "#1a7f37", degraded: "#8a5a00", failed: "#b91c28" } as const;

export const STYLE = `
:root {
  color-scheme: light dark;
  --page: #fff; --raised: #f6f8fa; --text: #1c2128; --dim: #59636e; --line: #d8dee4; --link: #0550ae;
  --ok: ${LIGHT.ok}; --warn: ${LIGHT.degraded}; --bad: ${LIGHT.failed}; --cut: #fff;
  --m0: #3b76b8; --m1: #d9802e; --m2: #3f9a86; --m3: #a5639c; --m4: #8f8a2c; --m5: #6a6fc0; --m6: #b8565a; --m7: #7a8794;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #0f1318; --raised: #171c23; --text: #e2e7ec; --dim: #9aa4af; --line: #2b323b; --link: #79b2f2;
    --ok: #46b860; --warn: #dca332; --bad: #f6706b; --cut: #0f1318;
    --m0: #5a95d6; --m1: #e09a55; --m2: #56b7a2; --m3: #c283b9; --m4: #b3ae4f; --m5: #8d92de; --m6: #d67a7d; --m7: #939fac;
  }
}
* { box-sizing: border-box; }
html { scroll-padding-top: 3rem; }
body { margin: 0 auto; padding: 0 1.25rem 2rem; max-width: 76rem; background: var(--page); color: var(--text); font: .875rem/1.45 system-ui, sans-serif; font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
code, pre, .mono { font-family: ui-monospace, "SFMono-Regular", Menlo, Consolas, "DejaVu Sans Mono", monospace; font-size: .93em; }
a { color: var(--link); text-decoration-thickness: 1px; text-underline-offset: .15em; }
a:focus-visible, button:focus-visible, input:focus-visible, select:focus-visible, summary:focus-visible, [tabindex]:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
h1, h2, h3, p, dl, dd, ol, ul, figure, pre { margin: 0; padding: 0; }
h1, h2 { font-size: 1.25rem; line-height: 1.3; font-weight: 650; }
.summary time { color: inherit; }
h2 a, th a { color: inherit; text-decoration: none; } h2 a:hover, th a:hover { text-decoration: underline; }
h3 { font-size: .875rem; font-weight: 650; }
.dim, .why, dt, .quiet, time, thead th { color: var(--dim); }
.bad { color: var(--bad); font-weight: 600; }
.sr { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
[hidden] { display: none !important; }

.top { display: flex; gap: .25rem 1rem; align-items: baseline; flex-wrap: wrap; padding: .6rem 0; border-bottom: 1px solid var(--line); }
.top a { font-weight: 650; color: inherit; text-decoration: none; }
.top .host { color: var(--dim); }
#connection { margin-left: auto; color: var(--dim); }
#connection.live::before { content: ""; display: inline-block; width: .5em; height: .5em; margin-right: .45em; border-radius: 50%; background: var(--ok); }
#lost { position: sticky; top: 0; z-index: 1; margin: 0 -1.25rem; padding: .5rem 1.25rem; background: var(--bad); color: var(--page); font-weight: 600; }
.lost main { filter: grayscale(1); }
.skip { position: absolute; left: -99rem; } .skip:focus { left: .5rem; top: .3rem; z-index: 2; padding: .2rem .5rem; background: var(--page); }
.chooser { display: flex; flex-wrap: wrap; gap: .35rem .5rem; align-items: baseline; margin-bottom: .9rem; }
input, select { padding: .2rem .4rem; border: 1px solid var(--line); border-radius: .3rem; background: var(--page); color: inherit; font: inherit; max-width: 100%; }
.spans { margin: -.75rem 0 1rem; color: var(--dim); } thead a { text-decoration: underline dotted; }
thead [aria-sort=ascending] a::after { content: " ▴"; } thead [aria-sort=descending] a::after { content: " ▾"; }
.chooser [list] { width: 17rem; }
.supposed { border-style: dashed; }
.chooser [type=search] { width: 17rem; }
.strip { display: block; width: 7.5rem; height: .7rem; background: var(--page); border: 1px solid var(--line); } .strip .ok { fill: var(--ok); } .strip .degraded { fill: var(--warn); } .strip .failed { fill: var(--bad); }
.summary { padding: 1.1rem 0 .9rem; }
.notice { display: flex; gap: .5rem; margin-bottom: .6rem; padding: .5rem .75rem; border: 1px solid var(--line); border-left: 4px solid var(--warn); background: var(--raised); }
.notice .icon { margin-top: .15em; }

.icon { width: 1em; height: 1em; flex: none; vertical-align: -.13em; fill: currentColor; }
.icon .cut { fill: none; stroke: var(--cut); stroke-width: 2; stroke-linecap: round; stroke-linejoin: round; }
.icon .line { fill: none; stroke: currentColor; stroke-width: 1.75; stroke-linecap: round; }
.icon .dashed { stroke-dasharray: 2.4 2.4; stroke-linecap: butt; }
.state { white-space: nowrap; font-weight: 550; }
.state.ok, .state.active, .icon.ok, .icon.active { color: var(--ok); }
.state.degraded, .icon.degraded, .state.missing, .icon.missing, .state.refused, .icon.refused { color: var(--warn); }
.state.failed, .icon.failed { color: var(--bad); }
.state.inactive, .icon.inactive, .state.single, .icon.single, .state.offline, .icon.offline, .icon.note { color: var(--dim); }
.tag { margin-left: .35em; padding: 0 .4em; border: 1px solid var(--line); border-radius: .6em; color: var(--dim); font-size: .8125rem; }

.group { margin-bottom: 1.25rem; border: 1px solid var(--line); border-left: 4px solid var(--ok); background: var(--raised); }
.group.single { border-left-color: var(--line); }
.group.degraded { border-left-color: var(--warn); }
.group.failed { border-left-color: var(--bad); }
.group > header { display: flex; flex-wrap: wrap; align-items: baseline; gap: 0 .9rem; padding: .6rem .9rem .5rem; }
.group .status { font-size: 1rem; }
.now { margin-left: auto; white-space: nowrap; } .now > span { display: inline-block; min-width: 7.5em; text-align: right; color: var(--dim); } .now b { color: var(--text); font-weight: 650; }
.trouble { flex-basis: 100%; }
.group .body { display: grid; grid-template-columns: minmax(0, 1fr) 21rem; gap: .25rem 1.5rem; padding: 0 .9rem .6rem; }
dl > div { display: flex; gap: .75rem; padding: .2rem 0; border-bottom: 1px solid var(--line); } dl > div:last-child { border: 0; }
dt { flex: 0 0 5.5rem; }
.plot { position: relative; display: flex; flex-direction: column; height: 100%; }
.plot > svg { display: block; flex: 1 0 8.5rem; width: 100%; height: 8.5rem; background: var(--page); }
.plot .grid { stroke: var(--line); stroke-width: 1; fill: none; vector-effect: non-scaling-stroke; }
.plot .axis { stroke: var(--text); stroke-width: 1; vector-effect: non-scaling-stroke; }
.plot .limit { stroke: var(--warn); stroke-width: 1; stroke-dasharray: 6 3; fill: none; vector-effect: non-scaling-stroke; }
.plot .mark { stroke: var(--text); stroke-width: 1.5; stroke-dasharray: 3 2; fill: none; vector-effect: non-scaling-stroke; }
.plot .mark.failed { stroke: var(--bad); }
.plot > span { position: absolute; left: .3rem; padding: 0 .25rem; background: color-mix(in srgb, var(--page) 75%, transparent); color: var(--dim); font-size: .75rem; line-height: 1.3; }
.cross { position: absolute; inset: 0 0 1.15rem; touch-action: pan-y; cursor: crosshair; }
.cross i { position: absolute; top: 0; bottom: 0; width: 1px; background: var(--text); pointer-events: none; }
.cross p { position: absolute; z-index: 1; top: .2rem; max-width: 60%; padding: .15rem .45rem; border: 1px solid var(--line); background: var(--page); color: var(--text); font-size: .75rem; line-height: 1.35; white-space: pre-line; pointer-events: none; }
.plot .in { top: .2rem; } .plot .out { bottom: 1.35rem; }
.plot figcaption { position: relative; display: flex; justify-content: space-between; color: var(--dim); font-size: .75rem; line-height: 1.15rem; }
.times { position: absolute; inset: 0; width: 100%; height: 100%; fill: var(--dim); text-anchor: middle; }
.m0 { fill: var(--m0); } .m1 { fill: var(--m1); } .m2 { fill: var(--m2); } .m3 { fill: var(--m3); } .m4 { fill: var(--m4); } .m5 { fill: var(--m5); } .m6 { fill: var(--m6); } .m7 { fill: var(--m7); }
.swatch { width: .7em; height: .7em; margin-right: .5em; }

.spark { display: block; width: 9rem; height: 1.3rem; background: var(--page); }
.spark path { fill: none; stroke-width: 1.5; vector-effect: non-scaling-stroke; }
.spark .trip { stroke: var(--text); } .spark .lost { stroke: var(--bad); }
.inline { display: flex; flex-wrap: wrap; gap: 0 .9rem; list-style: none; }

.scroll { position: relative; overflow-x: auto; }
table { width: 100%; border-collapse: collapse; }
th, td { padding: .28rem .75rem; border-top: 1px solid var(--line); text-align: left; vertical-align: baseline; white-space: nowrap; font-weight: 400; }
th:first-child, td:first-child { padding-left: .9rem; }
thead th { font-size: .8125rem; }
tbody th { font-weight: 550; }
.members th:first-child { width: 11%; } .members th:nth-child(2) { width: 17%; } .members th:nth-child(3) { width: 22%; } .members th:nth-child(4) { width: 18%; }
td.why { white-space: normal; min-width: 9rem; }
.number { text-align: right; }
main > .scroll, .part > .scroll, .empty > .scroll { margin-bottom: 1.25rem; border: 1px solid var(--line); border-top: 0; background: var(--raised); }
.addresses { display: flex; gap: .25rem 1.25rem; flex-wrap: wrap; padding: .4rem .9rem .5rem; border-top: 1px solid var(--line); }
.addresses p { font-size: .8125rem; color: var(--dim); }
.addresses ul { display: flex; flex-wrap: wrap; gap: .15rem 1.5rem; list-style: none; }

.events h2, .part h2 { padding: .5rem 0; font-size: 1rem; }
.timeline { display: grid; grid-template-columns: max-content max-content minmax(0, 1fr); list-style: none; border-top: 1px solid var(--line); }
.timeline li { display: grid; grid-column: 1 / -1; grid-template-columns: subgrid; column-gap: .6rem; padding: .2rem 0; border-bottom: 1px solid var(--line); }
.timeline .icon { margin-top: .22em; }
.timeline .found { margin: 0; } .timeline .found ul { margin: .1rem 0 .3rem; padding-left: 1.1rem; } .timeline .found li { display: list-item; padding: 0; border: 0; }
.quiet { padding: .3rem 0; }

.text { max-width: 52rem; } .text > :is(p, pre, h2) { margin-top: .75rem; } .text :is(ul, ol) { padding: .3rem 0 0 1.5rem; } .text pre { padding: .75rem .9rem; border: 1px solid var(--line); background: var(--raised); overflow-x: auto; }
.empty > * + * { margin-top: .75rem; }
.snippet { position: relative; max-width: 44rem; }
.snippet pre { padding: .75rem .9rem; border: 1px solid var(--line); background: var(--raised); overflow-x: auto; }
.snippet button { position: absolute; top: .45rem; right: .45rem; }
button { padding: .2rem .7rem; border: 1px solid var(--line); border-radius: .3rem; background: var(--page); color: inherit; font: inherit; cursor: pointer; }
details { margin: 0 0 1.25rem; } summary { cursor: pointer; color: var(--link); } details > * + * { margin-top: .6rem; }
footer { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; margin-top: 1.5rem; padding-top: .6rem; border-top: 1px solid var(--line); color: var(--dim); }

@media (max-width: 60rem) { .group .body { grid-template-columns: minmax(0, 1fr); } }
@media (max-width: 44rem) {
  body { padding: 0 .75rem 1.5rem; } #lost { margin: 0 -.75rem; padding: .5rem .75rem; }
  .now { margin-left: 0; flex-basis: 100%; } .now > span { min-width: 0; margin-right: .75em; }
  .members thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  .members tr { display: flex; flex-wrap: wrap; gap: 0 1rem; padding: .35rem .9rem; border-top: 1px solid var(--line); }
  .members th, .members td, .members th:first-child { padding: .05rem 0; border: 0; text-align: left; white-space: normal; }
  .members th { flex: 1 0 7rem; } .members th + td { flex: 1 0 9rem; }
  .members td[data-label]::before { content: attr(data-label) " "; color: var(--dim); }
  .members td.why { flex-basis: 100%; } .members td.why:has(.none), .members td.zero { display: none; }
  .times .wide { display: none; }
  .timeline { display: block; } .timeline li { grid-template-columns: 1rem minmax(0, 1fr); } .timeline time { grid-column: 1 / -1; font-size: .8125rem; }
}
@media (prefers-contrast: more) { :root { --dim: var(--text); --line: currentColor; } }
@media print { #lost, #connection, button { display: none; } }
`;
