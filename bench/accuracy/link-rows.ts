/** Disturbances of links. */

import { setTimeout as wait } from "node:timers/promises";
import { AS_NOBODY, Netns } from "../../test/support/netns.ts";
import { counts, minus, ZERO } from "./counts.ts";
import { onLinks, type Row } from "./row.ts";
import { configuration, LINKS } from "./stage.ts";

const FLAPS = 100;
const FLAPS_WITHIN_MS = 1_000;
/** More messages than fit into the program's socket buffer of 8 MiB, some 7,000; usually an unprivileged one has room for 180. */
const STORM = 10_000;

const VETH_END =
  "A veth computes what it received from its far end's counters, and unlinks the far end before its last message: that message " +
  "says 0 received. What it received since the last reading is known to nobody on this host; what it sent is complete.";

export const LINK_ROWS: readonly Row[] = [
  {
    name: "reload",
    title: "member leaves and rejoins by reload, and carries traffic in between",
    quick: true,
    run: onLinks({}, async (stage) => {
      const left = await stage.hold("vb");
      await stage.reload({ ipmp0: ["va", "vc"] });
      await stage.joined(["va", "vc"]);
      await stage.flow("vb");
      await stage.carry();
      stage.notCarried(minus(await stage.hold("vb"), left));
      await stage.reload({ ipmp0: LINKS });
      await stage.joined(LINKS);
      await stage.flow("vb");
    }),
  },
  {
    name: "regroup",
    title: "reload moves a member to another group",
    run: onLinks(
      { config: configuration({ ipmp0: ["va", "vb"], ipmp1: ["vc"] }), members: /^v[ab]$/ },
      async (stage) => {
        const left = await stage.hold("vb");
        await stage.reload({ ipmp0: ["va"], ipmp1: ["vb", "vc"] });
        await stage.joined(["vb", "vc"], "ipmp1");
        await stage.flow("vb");
        await stage.carry();
        stage.notCarried(minus(await stage.hold("vb"), left));
      },
    ),
  },
  {
    name: "regroup-live",
    title: "reload moves a member to another group and back, its traffic never pausing: both groups together",
    run: onLinks(
      { config: configuration({ ipmp0: ["va", "vb"], ipmp1: ["vc"] }), groups: ["ipmp0", "ipmp1"] },
      async (stage) => {
        for (let round = 0; round < 5; round++) {
          await stage.reload({ ipmp0: ["va"], ipmp1: ["vb", "vc"] });
          await stage.joined(["vb", "vc"], "ipmp1");
          await stage.carry();
          await stage.reload({ ipmp0: ["va", "vb"], ipmp1: ["vc"] });
          await stage.joined(["va", "vb"]);
          await stage.carry();
        }
      },
    ),
  },
  {
    name: "unplug-macvlan",
    title: "hot-unplug of a macvlan",
    quick: true,
    run: onLinks({ kind: "macvlan" }, async (stage) => {
      stage.here.ip("link", "delete", "vb");
      await stage.joined(["va", "vc"]);
      await stage.hold("vb");
    }),
  },
  {
    name: "unplug-veth",
    title: "hot-unplug of a veth",
    quick: true,
    explanation: VETH_END,
    run: onLinks({}, async (stage) => {
      stage.here.ip("link", "delete", "vb");
      await stage.joined(["va", "vc"]);
      const unseen = await stage.lastUnseen("vb");
      stage.mayMiss(counts((name) => (name.startsWith("receive") ? unseen[name] : 0n)));
      await stage.hold("vb");
    }),
  },
  {
    name: "move",
    title: "moved to another namespace, used there, and moved back",
    quick: true,
    run: onLinks({}, async (stage) => {
      const away = Netns.create(stage.hooks, "away");
      stage.here.ip("link", "set", "vb", "netns", away.name);
      await stage.joined(["va", "vc"]);
      await stage.hold("vb");
      away.ip("link", "set", "vb", "up");
      away.wire("vb", stage.there.lladdr("vb-peer"));
      away.send("vb", { packets: 2_000, bytes: 60_000 });
      away.ip("link", "set", "vb", "netns", stage.here.name);
      await stage.joined(LINKS);
      stage.here.ip("link", "set", "vb", "up");
      stage.wire("vb");
      await stage.flow("vb");
    }),
  },
  {
    name: "recreate",
    title: "a macvlan deleted and re-created under the same name",
    quick: true,
    run: onLinks({ kind: "macvlan" }, async (stage) => {
      stage.here.ip("link", "delete", "vb");
      stage.addLink("vb");
      await stage.joined(LINKS);
      await stage.flow("vb");
    }),
  },
  {
    name: "recreate-unseen",
    title: "deleted and re-created under the same name, three times within one blink (SIGSTOP)",
    run: onLinks({ kind: "macvlan" }, async (stage) => {
      await stage.hold("vb");
      stage.program.signal("SIGSTOP");
      for (let round = 0; round < 3; round++) {
        stage.here.ip("link", "delete", "vb");
        stage.addLink("vb");
        await stage.flow("vb");
        await stage.carry();
      }
      stage.program.signal("SIGCONT");
      await stage.joined(LINKS);
    }),
  },
  {
    name: "rename",
    title: "renamed while a member and carrying, twice; the group's rule knows both names",
    run: onLinks(
      { config: configuration({ ipmp0: ["va", "vc", '{ match: "^vb" }'] }), members: /^v/ },
      async (stage) => {
        stage.here.ip("link", "set", "vb", "name", "vb-renamed");
        await stage.joined(["va", "vb-renamed", "vc"]);
        await stage.watch.fresh();
        stage.here.ip("link", "set", "vb-renamed", "name", "vb");
        await stage.joined(LINKS);
      },
    ),
  },
  {
    name: "swap",
    title: "a member and a link that is none swap their names",
    quick: true,
    run: onLinks({ config: configuration({ ipmp0: ["va", "vb"] }), members: /^v[ab]$/ }, async (stage) => {
      await stage.hold("vb");
      await stage.hold("vc");
      stage.here.batch(["link set vb name swap", "link set vc name vb", "link set swap name vc"]);
      await stage.joined(["va", "vb"]);
      stage.crossed("vb", "vc");
      await stage.flow("vb");
      await stage.flow("vc");
    }),
  },
  {
    name: "swap-unseen",
    title: "two members swap their names, five times while the program is stopped (SIGSTOP)",
    run: onLinks({}, async (stage) => {
      stage.program.signal("SIGSTOP");
      for (let round = 0; round < 5; round++) {
        await stage.hold("va");
        await stage.hold("vb");
        stage.here.batch(["link set va name swap", "link set vb name va", "link set swap name vb"]);
        stage.crossed("va", "vb");
        await stage.flow("va");
        await stage.flow("vb");
        await stage.carry();
      }
      stage.program.signal("SIGCONT");
      await stage.joined(LINKS);
    }),
  },
  {
    name: "flap",
    title: `member flaps ${FLAPS} times in a second, under traffic`,
    quick: true,
    run: onLinks({}, async (stage) => {
      const lladdr = stage.there.lladdr("vb-peer");
      const neighbour = stage.here.ip("neighbour", "show", "dev", "vb").split(" ")[0];
      const began = performance.now();
      for (let flap = 0; flap < FLAPS; flap++) {
        stage.here.batch([
          "link set vb down",
          "link set vb up",
          `neighbour replace ${neighbour} lladdr ${lladdr} dev vb nud permanent`,
        ]);
        const ahead = (flap * FLAPS_WITHIN_MS) / FLAPS - (performance.now() - began);
        if (ahead > 0) await wait(ahead);
      }
      stage.remark(`${FLAPS} flaps in ${((performance.now() - began) / 1000).toFixed(2)} s`);
      await stage.joined(LINKS);
    }),
  },
  {
    name: "overflow",
    title: "netlink buffer overflow: SIGSTOP while thousands of link messages arrive and a member flaps and is renamed",
    quick: true,
    run: onLinks({ program: { through: AS_NOBODY } }, async (stage) => {
      stage.program.signal("SIGSTOP");
      await stage.storm(STORM);
      stage.here.batch(["link set vb down", "link set vb name vx", "link set vx name vb", "link set vb up"]);
      stage.wire("vb");
      await stage.carry();
      stage.program.signal("SIGCONT");
      await stage.joined(LINKS);
      await stage.program.logged("events were lost");
    }),
  },
  {
    name: "overflow-vanished",
    title: "the same, and a macvlan is deleted and re-created when the buffer is already full",
    explanation:
      "The kernel threw away the message with the link's last counters. It counts as of the last reading: what is missing is at most " +
      "what it carried between that and its end. The new link's first message is gone too: it counts from the reading at its join, " +
      "because it could have come from another namespace with a history, and misses at most what it had carried by then.",
    run: onLinks({ kind: "macvlan", program: { through: AS_NOBODY } }, async (stage) => {
      stage.program.signal("SIGSTOP");
      await stage.storm(STORM);
      await stage.carry();
      stage.here.ip("link", "delete", "vb");
      stage.mayMiss(await stage.lastUnseen("vb"));
      stage.addLink("vb");
      await stage.flow("vb");
      await stage.carry();
      stage.program.signal("SIGCONT");
      await stage.joined(LINKS);
      stage.mayMiss(stage.kernel().get("vb") ?? ZERO);
      await stage.program.logged("events were lost");
    }),
  },
];
