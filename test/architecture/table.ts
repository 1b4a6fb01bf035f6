/**
 * Which folder of src/ may import which, and why nothing else: the import directions of docs/ARCHITECTURE.md as data.
 *
 * The table serves the reader. Change it when a better picture is found; give the new arrow its reason.
 */

export interface Folder {
  /** Below src/; the longest path that fits a file is its folder. */
  readonly path: string;
  /** No I/O, no timers, no clock, no randomness: everything is an argument. */
  readonly pure: boolean;
  /** Folders or files below src/ that it may import; after `type ` only with `import type`. */
  readonly may: readonly string[];
  /** npm packages that it may import. Each package is wanted in as few places as can be. */
  readonly packages: readonly string[];
  /** Why it imports nothing else. */
  readonly because: string;
}

export const FOLDERS: readonly Folder[] = [
  {
    path: "kstat",
    pure: true,
    may: [],
    packages: [],
    because: "named statistics are the vocabulary of everything else, and know no link, group, format or clock",
  },
  {
    path: "link",
    pure: true,
    may: [],
    packages: [],
    because: "what a link is can be said without knowing who reads it, counts it or groups it",
  },
  {
    path: "net-address",
    pure: true,
    may: [],
    packages: [],
    because: "how an address is written and read is the same for who configures, listens, sends and shows",
  },
  {
    path: "log",
    pure: true,
    may: [],
    packages: [],
    because: "every part says what it did, and none but the daemon knows where that is written",
  },
  {
    path: "histogram",
    pure: true,
    may: ["type snapshot"],
    packages: [],
    because:
      "observations are counted by size without knowing what was measured, who measures, or who shows the result",
  },
  {
    path: "file-reading",
    pure: false,
    may: [],
    packages: [],
    because: "a file that may be anything is read without knowing what it is for",
  },
  {
    path: "rate-limit",
    pure: true,
    may: [],
    packages: [],
    because: "a bucket is told the time, and knows neither whose requests it counts nor in which protocol they come",
  },
  {
    path: "turns",
    pure: false,
    may: [],
    packages: [],
    because: "that others have their turn is the same for whatever work is long",
  },
  {
    path: "ipmp",
    pure: true,
    may: ["kstat"],
    packages: [],
    because:
      "the engine does not know where a reading comes from, who reads the result, or what the configuration says",
  },
  {
    path: "ip",
    pure: true,
    may: ["ipmp", "kstat"],
    packages: [],
    because:
      "the part of IP around the engine acts on the engine alone; sockets and timers are effects that the daemon performs",
  },
  {
    path: "membership",
    pure: true,
    may: ["link"],
    packages: [],
    because: "who belongs to which group is decided from names, never from counters, probes or the system itself",
  },
  {
    path: "detection",
    pure: true,
    may: [],
    packages: [],
    because: "a decision about failure is told the facts, so that a test can be too",
  },
  {
    path: "probing",
    pure: true,
    may: ["ipmp/address.ts", "ipmp/flags.ts"],
    packages: [],
    because:
      "a verdict follows from packets and times that it is told; sockets, timers, random numbers and flags are its System's, so that a trace can be one too",
  },
  {
    path: "settling",
    pure: true,
    may: ["kstat"],
    packages: [],
    because: "it makes one link's readings continuous, and knows no group and no system",
  },
  {
    path: "fate",
    pure: true,
    may: ["detection/aggregate.ts", "detection/lacp.ts", "link"],
    packages: [],
    because:
      "what fails together follows from what systems say of links, and is no matter of which group asks; which aggregator is in use is LACP's, and which modes use one link is detection's",
  },
  {
    path: "snapshot",
    pure: true,
    may: ["type fate", "type kstat", "type link"],
    packages: [],
    because: "what every face renders cannot depend on how one part computes it",
  },
  {
    path: "wording",
    pure: true,
    may: ["type fate", "snapshot"],
    packages: [],
    because: "a sentence for people is built once, and does not know which face says it",
  },
  {
    path: "exposition/prometheus",
    pure: true,
    may: ["fate", "kstat", "link", "snapshot", "wording"],
    packages: [],
    because: "a format renders a snapshot and computes nothing, so that it agrees with the other formats",
  },
  {
    path: "exposition/snmp",
    pure: true,
    may: ["fate/failure-domain.ts", "kstat", "link", "net-address", "snapshot"],
    packages: [],
    because: "a MIB is an ordered view of a snapshot, and agrees with the other formats because it computes nothing",
  },
  {
    path: "os",
    pure: false,
    may: [],
    packages: ["koffi"],
    because: "calling the C library is one file's matter, and it knows no caller",
  },
  {
    path: "sources",
    pure: false,
    may: ["kstat", "link"],
    packages: [],
    because: "a source says what the system says, and knows no group, no baseline, no format and no other system",
  },
  {
    path: "sources/linux",
    pure: false,
    may: ["kstat", "link", "net-address", "os", "sources/command.ts", "sources/source.ts"],
    packages: [],
    because: "a source says what the system says, and knows no group, no baseline, no format and no other system",
  },
  {
    path: "sources/snmp",
    pure: false,
    may: ["kstat", "link", "net-address", "sources/event-queue.ts", "sources/rounds.ts", "sources/source.ts"],
    packages: ["net-snmp"],
    because:
      "a device is asked over a library that one file guards; what its links mean for a group is decided elsewhere, and our own agent is no part of it",
  },
  {
    path: "probe-socket",
    pure: false,
    may: ["net-address", "os"],
    packages: [],
    because: "a socket carries probes and answers; what an answer proves, and who is probed when, is decided elsewhere",
  },
  {
    path: "state",
    pure: false,
    may: ["kstat", "type snapshot"],
    packages: ["zod"],
    because: "what is kept over a restart does not know where the values go next",
  },
  {
    path: "replay",
    pure: false,
    may: ["ipmp", "kstat", "probing"],
    packages: [],
    because:
      "a trace drives the engine or the probe machine itself, with nothing of the daemon between them that could change a result",
  },
  {
    path: "snmp",
    pure: false,
    may: ["exposition/snmp", "type log", "net-address", "rate-limit", "snapshot"],
    packages: [],
    because: "the agent moves datagrams; what they say is the MIB's, and where it came from nobody's business here",
  },
  {
    path: "web",
    pure: false,
    may: [
      "config/package-file.ts",
      "exposition/prometheus",
      "fate/named-domain.ts",
      "file-reading",
      "kstat",
      "link",
      "log",
      "net-address",
      "rate-limit",
      "snapshot",
      "turns",
      "wording",
    ],
    packages: ["bcryptjs", "express", "helmet", "prom-client", "yaml"],
    because: "the server hands out what it is given, and cannot know how a number was made",
  },
  {
    path: "config",
    pure: false,
    may: ["fate/failure-domain.ts", "file-reading", "link", "log", "net-address"],
    packages: ["node-cron", "re2js", "yaml", "zod"],
    because: "a configuration is checked before any part that it configures exists",
  },
  {
    path: "daemon",
    pure: false,
    may: [
      "type config",
      "config/in-force.ts",
      "daemon/groups",
      "daemon/links",
      "daemon/probing",
      "type daemon/process",
      "daemon/snapshots",
      "daemon/what-if",
      "ip",
      "kstat",
      "link",
      "type probe-socket",
      "snapshot",
      "type sources/source.ts",
      "type state",
      "turns",
    ],
    packages: [],
    because:
      "the loop joins sources, groups and snapshots; what faces give it (an identity to save, counters to show) are values that it does not look into",
  },
  {
    path: "daemon/links",
    pure: false,
    may: [
      "daemon/groups",
      "type daemon/process",
      "ip",
      "kstat",
      "link",
      "net-address",
      "settling",
      "snapshot",
      "type sources/source.ts",
      "type state",
    ],
    packages: [],
    because:
      "what a source tells is applied to links and told to the engine; what it means for a group is not decided there",
  },
  {
    path: "daemon/groups",
    pure: false,
    may: [
      "type config",
      "daemon/links",
      "type daemon/process",
      "detection",
      "histogram",
      "ip",
      "ipmp",
      "kstat",
      "link",
      "membership",
      "snapshot",
      "type sources/source.ts",
      "type state",
      "wording",
    ],
    packages: [],
    because: "groups are planned, judged and compared from links and rules, without knowing who shows the result",
  },
  {
    path: "daemon/probing",
    pure: false,
    may: [
      "type config",
      "daemon/groups",
      "type daemon/links",
      "type daemon/process",
      "histogram",
      "ipmp/address.ts",
      "ipmp/flags.ts",
      "kstat",
      "link",
      "net-address",
      "type probe-socket",
      "probing",
      "snapshot",
      "type sources/source.ts",
    ],
    packages: [],
    because: "the probe machine is shown members and lent sockets here; what follows from its verdicts is detection's",
  },
  {
    path: "daemon/snapshots",
    pure: false,
    may: [
      "type config",
      "fate",
      "daemon/groups",
      "daemon/links",
      "type daemon/probing",
      "type daemon/process",
      "ip",
      "ipmp",
      "kstat",
      "link",
      "snapshot",
      "type sources/source.ts",
      "state",
      "turns",
    ],
    packages: [],
    because: "what is shown and what is saved are made from groups and links, and change neither",
  },
  {
    path: "daemon/what-if",
    pure: false,
    may: ["daemon/groups", "daemon/links", "daemon/snapshots", "fate", "ip", "ipmp", "kstat", "link", "snapshot"],
    packages: [],
    because: "a copy of a group is judged as the group would be; it changes nothing and knows nobody who asks",
  },
  {
    path: "daemon/process",
    pure: false,
    may: [
      "config",
      "daemon",
      "exposition/snmp",
      "kstat",
      "link",
      "log",
      "probe-socket",
      "snapshot",
      "snmp",
      "sources",
      "state",
      "web",
      "wording",
    ],
    packages: ["node-cron"],
    because: "starting and stopping is the one matter that knows every part; the command line starts it",
  },
  {
    path: "cli",
    pure: false,
    may: ["config", "daemon", "fate", "link", "log", "replay", "type snapshot", "wording"],
    packages: ["string-width", "zod"],
    because:
      "a subcommand asks the daemon or prints a snapshot; it never reads the system behind the daemon's back; how a link is called is one function of link, and how what it depends on is, one of fate",
  },
  {
    path: "main.ts",
    pure: false,
    may: ["cli"],
    packages: [],
    because: "the program's first file only hands over to the command line",
  },
];

/** Globals that a pure folder may not name, as the tokens that they begin with. */
export const IMPURE: readonly { readonly tokens: readonly string[]; readonly because: string }[] = [
  { tokens: ["Date", ".", "now"], because: "time is an argument there" },
  { tokens: ["new", "Date"], because: "time is an argument there" },
  { tokens: ["performance", "."], because: "time is an argument there" },
  { tokens: ["Math", ".", "random"], because: "the same input must give the same output there" },
  { tokens: ["crypto", "."], because: "the same input must give the same output there" },
  { tokens: ["process", "."], because: "the environment, the clock and the streams are the daemon's" },
  { tokens: ["console", "."], because: "what to say is an effect; the daemon says it" },
  { tokens: ["setTimeout"], because: "timers belong to the daemon and to whoever owns a socket" },
  { tokens: ["setInterval"], because: "timers belong to the daemon and to whoever owns a socket" },
  { tokens: ["setImmediate"], because: "timers belong to the daemon and to whoever owns a socket" },
  { tokens: ["queueMicrotask"], because: "the daemon decides when something runs" },
  { tokens: ["fetch", "("], because: "the daemon performs I/O" },
  { tokens: ["globalThis"], because: "what is needed is an argument there" },
];

/** A file is a noun of the field; these are names for what has no home. */
export const HOMELESS_NAMES = /^(utils?|helpers?|common|misc|shared|lib|stuff)$/i;
