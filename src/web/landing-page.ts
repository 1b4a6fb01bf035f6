/** The page at `/`: where things are, and the groups with their members at this instant. Plain HTML that asks nothing of others. */

import { createHash } from "node:crypto";
import type { GroupSnapshot, Snapshot } from "../snapshot/snapshot.ts";

const STYLE = `
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color-scheme: light dark; }
table { border-collapse: collapse; width: 100%; margin: 1rem 0; }
caption { text-align: left; font-weight: bold; }
th, td { text-align: left; padding: .25rem .75rem .25rem 0; border-bottom: 1px solid #8884; }
.ok, .active { color: #1a7f37; } .degraded, .inactive { color: #9a6700; } .failed, .offline, .missing { color: #cf222e; }
@media (prefers-color-scheme: dark) {
  .ok, .active { color: #3fb950; } .degraded, .inactive { color: #d29922; } .failed, .offline, .missing { color: #f85149; }
}`;

/** Nothing is loaded, framed, sent or run; the one style sheet is named by its hash. */
export const PAGE_POLICY = {
  "default-src": ["'none'"],
  "style-src": [`'sha256-${createHash("sha256").update(STYLE).digest("base64")}'`],
  "img-src": ["data:"],
  "base-uri": ["'none'"],
  "form-action": ["'none'"],
  "frame-ancestors": ["'none'"],
};

export function landingPage(snapshot: Snapshot, version: string, telemetryPath: string): string {
  const links = [telemetryPath, "/api/v1/groups", "/api/v1/links", "/api/v1/kstats", "/-/healthy", "/-/ready"];
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>IPMP Exporter</title>
<link rel="icon" href="data:,">
<style>${STYLE}</style>
</head>
<body>
<h1>IPMP Exporter</h1>
<p>Version ${escapeHtml(version)}. Groups of redundant links, as they were at ${new Date(snapshot.wallMs).toISOString()}.</p>
<ul>
${links.map((link) => `<li><a href="${escapeHtml(link)}">${escapeHtml(link)}</a></li>`).join("\n")}
</ul>
${snapshot.groups.length === 0 ? "<p>There are no groups.</p>" : snapshot.groups.map(groupTable).join("\n")}
</body>
</html>
`;
}

function groupTable(group: GroupSnapshot): string {
  const present = group.members.map((member) =>
    row(member.device, member.state, member.linkUp ? "up" : "down", member.flags.join(" "), member.reason ?? ""),
  );
  const missing = group.missing.map((device) => row(device, "missing", "", "", "not there"));
  const name = group.ifname === group.name ? group.name : `${group.name} (${group.ifname})`;
  return `<table>
<caption>${escapeHtml(name)}: <span class="${group.state}">${group.state}</span>, ${escapeHtml(group.mode)}, from ${group.source}</caption>
<thead><tr><th scope="col">Member</th><th scope="col">State</th><th scope="col">Link</th><th scope="col">Flags</th><th scope="col">Reason</th></tr></thead>
<tbody>
${[...present, ...missing].join("\n")}
</tbody>
</table>`;
}

function row(device: string, state: string, link: string, flags: string, reason: string): string {
  const cells = [link, flags, reason].map((text) => `<td>${escapeHtml(text)}</td>`).join("");
  return `<tr><th scope="row">${escapeHtml(device)}</th><td class="${state}">${state}</td>${cells}</tr>`;
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
