/**
 * A folder with usr/bin/kstat, usr/sbin/ipmpstat and usr/sbin/dladm that print what they are told to: recorded samples, or what a test
 * composes. Each may be slow, fail, speak another language or be missing. The commands are shell scripts: they are run as on illumos.
 */

import { chmodSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export type Tool = "kstat" | "ipmpstat" | "dladm";

const PLACES: Readonly<Record<Tool, string>> = {
  kstat: "usr/bin/kstat",
  ipmpstat: "usr/sbin/ipmpstat",
  dladm: "usr/sbin/dladm",
};

/** Prints the answer to its arguments; says that it was run, in which locale, and when it is done. */
const SCRIPT = (root: string, tool: Tool) => `#!/bin/sh
echo "begin $LC_ALL ${tool} $*" >> '${root}/calls'
trap 'echo "end ${tool}" >> "${root}/calls"' EXIT
if [ -f '${root}/behaviour/${tool}' ]; then . '${root}/behaviour/${tool}'; fi
if [ ! -f "${root}/answers/${tool} $*" ]; then echo "${tool}: nothing recorded for $*" >&2; exit 3; fi
cat "${root}/answers/${tool} $*"
if [ ! -s "${root}/answers/${tool} $*" ] && [ ${tool} = kstat ]; then exit 1; fi
`;

export class IllumosTree {
  readonly root: string;

  constructor(root: string) {
    this.root = root;
    for (const folder of ["usr/bin", "usr/sbin", "answers", "behaviour"])
      mkdirSync(join(root, folder), { recursive: true });
    writeFileSync(join(root, "calls"), "");
    for (const tool of ["kstat", "ipmpstat", "dladm"] as const) this.install(tool);
  }

  install(tool: Tool): void {
    const file = join(this.root, PLACES[tool]);
    writeFileSync(file, SCRIPT(this.root, tool));
    chmodSync(file, 0o755);
  }

  remove(tool: Tool): void {
    rmSync(join(this.root, PLACES[tool]));
  }

  /** What a command prints from now on: `say("ipmpstat -g", …)`. */
  say(command: string, text: string): void {
    const file = join(this.root, "answers", command);
    writeFileSync(`${file}.new`, text);
    renameSync(`${file}.new`, file);
  }

  /** Shell commands that a tool runs before it answers: `sleep 600`, `exit 1`. Empty: it answers at once. */
  behave(tool: Tool, script: string): void {
    const file = join(this.root, "behaviour", tool);
    writeFileSync(`${file}.new`, script);
    renameSync(`${file}.new`, file);
  }

  /** Lines that the tools wrote when they began and ended. */
  calls(): string[] {
    return readFileSync(join(this.root, "calls"), "utf8").split("\n").slice(0, -1);
  }

  forgetCalls(): void {
    writeFileSync(join(this.root, "calls"), "");
  }
}

export const IPMPSTAT = {
  groups: "ipmpstat -gP -o group,groupname,state,fdt,interfaces",
  interfaces: "ipmpstat -iP -o interface,active,group,flags,link,probe,state",
  addresses: "ipmpstat -anP -o address,state,group,inbound,outbound",
  targets: "ipmpstat -tnP -o interface,mode,testaddr,targets",
} as const;
export const DLADM = "dladm show-link -p -o link,class,mtu,state,over";
export const KSTAT = {
  groups: "kstat -p ipmp:0::",
  links: "kstat -p link:0::",
  misc: "kstat -p unix:0:system_misc:",
} as const;

/** A kstat of the tree. Values are printed as they are. */
export interface TreeKstat {
  readonly module: string;
  readonly name: string;
  readonly crtime: string;
  /** Undefined: it vanishes while it is read. */
  readonly snaptime: string | undefined;
  readonly statistics: Readonly<Record<string, string | bigint>>;
}

/** As `kstat -p` prints them. */
export function kstatLines(kstats: readonly TreeKstat[]): string {
  return kstats
    .map(({ module, name, crtime, snaptime, statistics }) => {
      const all: Record<string, string | bigint> =
        snaptime === undefined ? { class: "net", crtime } : { class: "net", crtime, snaptime, ...statistics };
      return Object.entries(all)
        .toSorted(([a], [b]) => (a.toLowerCase() < b.toLowerCase() ? -1 : 1))
        .map(([statistic, value]) => `${module}:0:${name}:${statistic}\t${value}\n`)
        .join("");
    })
    .join("");
}
