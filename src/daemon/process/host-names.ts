/** Names that lead to this host: its host name, alone and in the domains of the resolver, and what /etc/hosts calls it. */

import { readFileSync } from "node:fs";
import { hostname } from "node:os";

export function hostNames(): string[] {
  return namesOf(hostname(), textOf("/etc/hosts"), textOf("/etc/resolv.conf"));
}

/** From the host name and the texts of hosts(5) and resolv.conf(5). */
export function namesOf(host: string, hosts: string, resolver: string): string[] {
  const [short = host] = host.split(".");
  const names = new Set([host, short]);
  for (const [keyword = "", ...domains] of fields(resolver)) {
    if (keyword !== "search" && keyword !== "domain") continue;
    for (const domain of domains) names.add(`${short}.${domain}`);
  }
  for (const [, ...called] of fields(hosts)) {
    if (called.includes(host) || called.includes(short)) for (const name of called) names.add(name);
  }
  return [...names];
}

function* fields(text: string): Generator<string[]> {
  for (const line of text.split("\n"))
    yield line
      .replace(/[#;].*/, "")
      .trim()
      .split(/\s+/);
}

/** Without the file the host has no further names. */
function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
