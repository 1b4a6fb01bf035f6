/**
 * A system with four IPMP groups, as its commands print it: tables for people and the same for programs, composed from the format strings
 * of ipmpstat.c and kstat.c and the examples of the manual pages. `ipmp0` is probed, `db0` has a standby, `web0` has lost a member, and
 * `acct0` has none left.
 */

import { DLADM, type IllumosTree, IPMPSTAT, KSTAT, kstatLines, type TreeKstat } from "./illumos-tree.ts";

/** By command. */
export const TABLES: Readonly<Record<string, string>> = {
  "ipmpstat -an": `ADDRESS                   STATE  GROUP       INBOUND     OUTBOUND
192.0.2.10                up     ipmp0       net0        net0 net1
192.0.2.11                up     ipmp0       net1        net0 net1
192.0.2.12                down   ipmp0       --          --
2001:db8::10              up     acct0       --          --
`,
  "ipmpstat -g": `GROUP       GROUPNAME   STATE     FDT       INTERFACES
ipmp0       ipmp0       ok        10.00s    net0 net1
db0         dbnet       ok        --        net7 (net8)
web0        frontend    degraded  20.00s    net2 net4 [net3]
acct0       acct0       failed    --        [net5 net6]
`,
  "ipmpstat -i": `INTERFACE   ACTIVE  GROUP       FLAGS     LINK      PROBE     STATE
net0        yes     ipmp0       --mbM--   up        ok        ok
net1        yes     ipmp0       -------   up        ok        ok
net2        yes     web0        --mb---   unknown   ok        ok
net3        no      web0        -------   down      failed    failed
net4        yes     web0        -s-----   up        ok        ok
net5        no      acct0       -----d-   up        disabled  offline
net6        no      acct0       -------   down      disabled  failed
net7        yes     db0         --mb---   up        disabled  ok
net8        no      db0         is-----   up        disabled  ok
`,
  "ipmpstat -tn": `INTERFACE   MODE      TESTADDR            TARGETS
net0        routes    192.0.2.31          192.0.2.1 192.0.2.2
net1        multicast 192.0.2.32          192.0.2.50 192.0.2.51
net2        disabled  --                  --
`,
  "ipmpstat -gP -o group,groupname,state,fdt,interfaces": `ipmp0:ipmp0:ok:10.00s:net0 net1
db0:dbnet:ok::net7 (net8)
web0:frontend:degraded:20.00s:net2 net4 [net3]
acct0:acct0:failed::[net5 net6]
`,
  "ipmpstat -anP -o address,group,inbound": `192.0.2.10:ipmp0:net0
192.0.2.11:ipmp0:net1
192.0.2.12:ipmp0:
2001\\:db8\\:\\:10:acct0:
`,
};

/** The rows for programs that the tables for people do not hold. */
const PARSABLE = {
  [IPMPSTAT.interfaces]: `net0:yes:ipmp0:--mbM--:up:ok:ok
net1:yes:ipmp0:-------:up:ok:ok
net2:yes:web0:--mb---:unknown:ok:ok
net3:no:web0:-------:down:failed:failed
net4:yes:web0:-s-----:up:ok:ok
net5:no:acct0:-----d-:up:disabled:offline
net6:no:acct0:-------:down:disabled:failed
net7:yes:db0:--mb---:up:disabled:ok
net8:no:db0:is-----:up:disabled:ok
`,
  [IPMPSTAT.addresses]: `192.0.2.10:up:ipmp0:net0:net0 net1
192.0.2.11:up:ipmp0:net1:net0 net1
192.0.2.12:down:ipmp0::
2001\\:db8\\:\\:10:up:acct0::
`,
  [IPMPSTAT.targets]: `net0:routes:192.0.2.31:192.0.2.1 192.0.2.2
net1:multicast:192.0.2.32:192.0.2.50 192.0.2.51
net2:disabled::
`,
  [DLADM]: `net0:phys:1500:up:
net1:phys:1500:up:
net2:phys:1500:unknown:
net3:phys:1500:down:
net4:phys:1500:up:
net5:phys:9000:up:
net6:phys:9000:down:
net7:phys:1500:up:
net8:aggr:1500:up:net9 net10
net9:phys:1500:up:
`,
} as const;

/** The sample of the manual page. */
export const IPMP0_LINES = `ipmp:0:ipmp0:brdcstrcv	1042
ipmp:0:ipmp0:brdcstxmt	12
ipmp:0:ipmp0:class	net
ipmp:0:ipmp0:crtime	48.201334512
ipmp:0:ipmp0:ierrors	0
ipmp:0:ipmp0:ipackets	91827364
ipmp:0:ipmp0:ipackets64	4386794660
ipmp:0:ipmp0:link_up	1
ipmp:0:ipmp0:multircv	5521
ipmp:0:ipmp0:multixmt	310
ipmp:0:ipmp0:obytes	1912276171
ipmp:0:ipmp0:obytes64	1234567890123
ipmp:0:ipmp0:oerrors	0
ipmp:0:ipmp0:opackets	81726354
ipmp:0:ipmp0:opackets64	4376693650
ipmp:0:ipmp0:rbytes	2413397483
ipmp:0:ipmp0:rbytes64	9876543210987
ipmp:0:ipmp0:snaptime	864012.554019882
`;

/** The statistics of a group of which the 64-bit ones are these; the narrow ones follow. */
export function groupKstat(name: string, wide: Readonly<Record<string, bigint>>, linkUp: 0 | 1 = 1): TreeKstat {
  const { obytes64 = 0n, rbytes64 = 0n, opackets64 = 0n, ipackets64 = 0n, ...more } = wide;
  const narrow = (value: bigint) => BigInt.asUintN(32, value);
  const statistics = {
    obytes: narrow(obytes64),
    obytes64,
    rbytes: narrow(rbytes64),
    rbytes64,
    opackets: narrow(opackets64),
    opackets64,
    oerrors: 0n,
    ipackets: narrow(ipackets64),
    ipackets64,
    ierrors: 0n,
    multircv: 0n,
    multixmt: 0n,
    brdcstrcv: 0n,
    brdcstxmt: 0n,
    ...more,
    link_up: BigInt(linkUp),
  };
  return { module: "ipmp", name, crtime: "48.201334512", snaptime: "864012.554019882", statistics };
}

/** A link, with all that its kstat has beside what is counted. */
export function linkKstat(
  name: string,
  wide: Readonly<Record<string, bigint>> = {},
  told: Partial<TreeKstat> = {},
): TreeKstat {
  const { statistics } = groupKstat(name, wide);
  const { link_up: _, ...counters } = statistics;
  return {
    module: "link",
    name,
    crtime: "37.104512345",
    snaptime: "864012.554123123",
    statistics: {
      ...counters,
      collisions: 0n,
      ifspeed: 1_000_000_000n,
      link_duplex: 2n,
      link_state: 1n,
      norcvbuf: 0n,
      noxmtbuf: 0n,
      unknowns: 3n,
      zonename: "global",
    },
    ...told,
  };
}

export const LINK_NAMES = ["net0", "net1", "net2", "net3", "net4", "net5", "net6", "net7", "net8", "net9"] as const;

/** Has the tree say all of it. */
export function saySamples(tree: IllumosTree): void {
  for (const [command, text] of [...Object.entries(TABLES), ...Object.entries(PARSABLE)]) tree.say(command, text);
  const others = [
    groupKstat("db0", { obytes64: 7_000n, rbytes64: 9_000n }),
    groupKstat("web0", { obytes64: 70_000n, rbytes64: 90_000n }),
    groupKstat("acct0", { obytes64: 5n, rbytes64: 6n }, 0),
  ];
  tree.say(KSTAT.groups, IPMP0_LINES + kstatLines(others));
  tree.say("kstat -p ipmp:0:ipmp0:", IPMP0_LINES);
  const links = LINK_NAMES.map((name, n) => linkKstat(name, { obytes64: BigInt(n) * 5_000_000_000n, rbytes64: 77n }));
  tree.say(KSTAT.links, kstatLines(links));
  const [net0] = links;
  if (net0) tree.say("kstat -p link:0:net0:", kstatLines([net0]));
  tree.say(
    KSTAT.misc,
    "unix:0:system_misc:boot_time\t1795000000\nunix:0:system_misc:class\tmisc\nunix:0:system_misc:crtime\t0.000000000\nunix:0:system_misc:snaptime\t864012.000000000\n",
  );
}
