/** Where the service leaves the path of in.mpathd: for each switch what happens with it and without it, all others being off. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { type Deviations, ORIGINAL, SERVICE } from "#src/probing/deviations.js";
import { root } from "../support/root.ts";
import { EARLY, MUTE, Network, QUICK, REGULAR, type Wire } from "./network.ts";

const [A, B] = ["10.0.0.1", "10.0.0.2"] as const;

interface Story {
  readonly told: string;
  /** What is to be seen at its end. */
  readonly end: (deviations: Deviations) => string | number;
  readonly original: string | number;
  readonly service: string | number;
}

/** net0 with routers, beside a member whose link is all that speaks for it. The first 40 s are over. */
function probed(deviations: Deviations, ...routers: readonly string[]): Network {
  const network = new Network({ deviations }).plumb("spare", { test: [] }).plumb("net0");
  return network.route("net0", ...routers).run(50_000);
}

/** Everybody answers but these, in two milliseconds. */
function allBut(...silent: readonly string[]): Wire {
  return ({ target }) => (target === undefined || silent.includes(target) ? [] : [[target, 2]]);
}

/** Whether a router is found mute and set aside, within ten minutes. */
function noticed(network: Network, address: string): string {
  const isActive = () => network.instance("net0").targets.find(address)?.status === "active";
  const end = network.milliseconds + 600_000;
  network.until(() => !isActive() || network.milliseconds >= end, 700_000);
  return isActive() ? "unnoticed" : "set aside";
}

/** Of two routers the silent one has lost four probes when the other one leaves the routing table. */
function lastOneSilent(deviations: Deviations): Network {
  const network = probed(deviations);
  network.wire = allBut();
  network.route("net0", A, B).run(10_000);
  network.wire = allBut(A);
  const ofA = () => Array.from(network.instance("net0").ring).filter(({ target }) => target?.address === A);
  network.until(
    () =>
      ofA()
        .slice(0, 4)
        .every(({ status }) => status === "lost") && ofA().length > 4,
  );
  return network.route("net0", A).run(30_000);
}

const STORIES: Readonly<Record<keyof Deviations, Story>> = {
  waitsForFirstAnswer: {
    told: "the only router has never answered a probe",
    end: (deviations) => {
      const network = new Network({ deviations }).plumb("net1").plumb("net0");
      network.wire = MUTE;
      return network.route("net0", A).run(600_000).groupState();
    },
    original: "failed",
    service: "ok",
  },
  keepsShortRoundTrips: {
    told: "one of two routers goes silent on a quick LAN, with probes at regular times",
    end: (deviations) => {
      const network = probed(deviations, A, B);
      network.wire = (packet) => (packet.target === B ? [] : QUICK(packet));
      return noticed(network, B);
    },
    original: "unnoticed",
    service: "set aside",
  },
  measuresNetwork: {
    told: "the host is busy for a minute, and answers lie with the system for two seconds",
    end: (deviations) => {
      const network = probed(deviations, A);
      network.age = 2_000_000_000;
      network.wire = ({ target }) => (target === undefined ? [] : [[target, 2_000.4]]);
      return network.run(60_000).phyint("net0").group.failureDetectionTimeMs > 10_000
        ? "the FDT rises"
        : "the FDT stays";
    },
    original: "the FDT rises",
    service: "the FDT stays",
  },
  ignoresLateSamples: {
    told: "the path holds all packets back for six seconds",
    end: (deviations) => {
      const network = probed(deviations, A);
      const heldUntil = network.milliseconds + 6000;
      network.wire = ({ target, sentAt }) => [[target ?? "", Math.max(1, heldUntil - sentAt / 1_000_000)]];
      const { failureDetectionTimeMs } = network.run(8000).phyint("net0").group;
      return `${Math.round(failureDetectionTimeMs / 1000)} s to find a failure`;
    },
    original: "97 s to find a failure",
    service: "10 s to find a failure",
  },
  confirmsSlowness: {
    told: "the first two probes of a link wait for the hardware address of the router, and leave together",
    end: (deviations) => {
      const network = new Network({ deviations }).plumb("spare", { test: [] }).plumb("net0");
      network.number = () => EARLY;
      let heldUntil: number | undefined;
      network.wire = ({ target, sentAt }) => {
        heldUntil ??= sentAt / 1_000_000 + 1300;
        return [[target ?? "", Math.max(1, heldUntil - sentAt / 1_000_000)]];
      };
      const { failureDetectionTimeMs } = network.route("net0", A).run(8000).phyint("net0").group;
      return `${Math.round(failureDetectionTimeMs / 1000)} s to find a failure`;
    },
    original: "54 s to find a failure",
    service: "10 s to find a failure",
  },
  quickNeverRaises: {
    told: "the first answer of a router takes 450 ms, all others one",
    end: (deviations) => {
      const network = new Network({ deviations }).plumb("net0");
      let isFirst = true;
      network.wire = ({ target }) => {
        const delayMs = isFirst ? 450 : 1;
        isFirst = false;
        return [[target ?? "", delayMs]];
      };
      network.route("net0", A);
      let highest = 0;
      network.watch = () => (highest = Math.max(highest, network.phyint("net0").group.failureDetectionTimeMs));
      network.run(20_000);
      return `${Math.round(highest / 1000)} s to find a failure`;
    },
    original: "22 s to find a failure",
    service: "10 s to find a failure",
  },
  countsSendErrors: {
    told: "the system refuses every packet that is to go out",
    end: (deviations) => {
      const network = probed(deviations, A);
      network.sends = () => "failed";
      return network.run(60_000).state("net0");
    },
    original: "running",
    service: "failed FAILED",
  },
  keepsAnActiveTarget: {
    told: "the only router that is left has just gone silent",
    end: (deviations) => lastOneSilent(deviations).state("net0"),
    original: "running",
    service: "failed FAILED",
  },
  judgesEveryTarget: {
    told: "a router never answers, and another does; the probes to that one come early",
    end: (deviations) => {
      const network = probed(deviations, A);
      network.number = () => (network.instance("net0").targets.cursor?.address === B ? EARLY : REGULAR);
      network.wire = allBut(B);
      return noticed(network.route("net0", A, B), B);
    },
    original: "unnoticed",
    service: "set aside",
  },
  movesRttCursor: {
    told: "the only router that is left is found mute",
    end: (deviations) => lastOneSilent(deviations).instance("net0").targets.rttCursor?.address ?? "nobody",
    original: A,
    service: "nobody",
  },
  includesDeadlines: {
    told: "a router never answers, and another does, with probes at regular times",
    end: (deviations) => {
      const network = probed(deviations, A);
      network.wire = allBut(B);
      return noticed(network.route("net0", A, B), B);
    },
    original: "unnoticed",
    service: "set aside",
  },
  wrapsSequence: {
    told: "the tenth answer after a failure is that to number 65535",
    end: (deviations) => {
      const network = probed(deviations, A);
      network.wire = MUTE;
      network.run(12_000);
      const instance = network.instance("net0");
      instance.nextSequence = 65_526;
      instance.ring.clear();
      network.wire = QUICK;
      network.until(() => network.phyint("net0").state === "running");
      return instance.ring.count("acked");
    },
    original: 11,
    service: 10,
  },
  datesLossOfTarget: {
    told: "a router leaves the routing table while a probe to it is under way",
    end: (deviations) => {
      const network = probed(deviations, A, B);
      network.wire = MUTE;
      const { ring } = network.instance("net0");
      network.until(() => ring.newest(1).status === "pending");
      network.route("net0", ring.newest(1).target?.address === A ? B : A);
      return ring.newest(1).lostAt === 0 ? "lost at no time" : "lost now";
    },
    original: "lost at no time",
    service: "lost now",
  },
  countsClearedProbes: {
    told: "a link is lost",
    end: (deviations) => {
      const network = probed(deviations, A);
      network.link(false, "net0");
      const { sent, acked, lost, pending } = network.instance("net0").counts;
      return `${sent === acked + lost + pending}`;
    },
    original: "false",
    service: "true",
  },
  settlesPerGroup: {
    told: "two groups have slow answers for a while, one 50 s after the other: when is the first lowered?",
    end: (deviations) => {
      const network = new Network({ deviations }).plumb("net0").plumb("net1", { group: "h" });
      network.route("net0", A).route("net1", B).run(50_000);
      const times: number[] = [];
      network.watch = (event) => {
        const isOfFirst = "instance" in event && event.instance.phyint.name === "net0";
        if (isOfFirst && event.kind.startsWith("fdt-")) times.push(network.milliseconds / 1000);
      };
      for (const slow of [A, B]) {
        network.wire = ({ target }) => [[target ?? "", target === slow ? 900 : 1]];
        network.run(10_000).wire = allBut();
        network.run(40_000);
      }
      network.run(60_000);
      const [raised = 0, lowered = 0] = times;
      return `${Math.round(lowered - raised)} s after it was raised`;
    },
    original: "110 s after it was raised",
    service: "61 s after it was raised",
  },
  keepsOneActive: {
    told: "both members are made standbys",
    end: (deviations) => {
      const network = new Network({ deviations }).plumb("net1", { test: [] }).plumb("net0", { test: [] });
      for (const name of ["net0", "net1"]) network.flags(name, ["STANDBY"], []);
      return [network.state("net0"), network.state("net1")].join(", ");
    },
    original: "running STANDBY INACTIVE, running STANDBY INACTIVE",
    service: "running STANDBY INACTIVE, running STANDBY",
  },
  keepsPlaceUnprobed: {
    told: "the only member loses its test address, while nobody answers to all, with FAILBACK=no",
    end: (deviations) => {
      const network = new Network({ deviations, failback: false }).plumb("net0");
      network.change("net0", { v4: { up: true, testAddress: false } });
      return network.state("net0");
    },
    original: "running INACTIVE",
    service: "running",
  },
  failsWithoutLink: {
    told: "the only interface of a group loses its link while it is offline, and is brought online",
    end: (deviations) => {
      const network = new Network({ deviations }).plumb("net0", { test: [] });
      network.offline("net0", 0);
      network.link(false, "net0");
      network.online("net0");
      return network.state("net0");
    },
    original: "running",
    service: "failed FAILED",
  },
  staysFailedUntilAnswered: {
    told: "a failed link loses its IPv4 router, and gets back the test address from which its IPv6 router was probed",
    end: (deviations) => {
      const network = new Network({ deviations }).plumb("spare", { test: [] });
      network
        .plumb("net0", { families: ["v4", "v6"] })
        .route("net0", A)
        .route6("net0", "fe80:0:0:0:0:0:0:1")
        .run(50_000);
      network.change("net0", { v6: { up: true, testAddress: false } });
      network.wire = MUTE;
      network.run(12_000);
      network.route("net0").change("net0", { v6: { up: true, testAddress: true } });
      return network.state("net0");
    },
    original: "running FAILED",
    service: "failed FAILED",
  },
  copiesAllHosts: {
    told: "an older member gets its test address, when a newer one knows hosts",
    end: (deviations) => {
      const network = new Network({ deviations }).plumb("net1", { test: [] }).plumb("net0");
      network.wire = ({ kind, target }) => (kind === "multi" ? [[B, 1]] : [[target ?? "", 1]]);
      network.run(5000).change("net1", { v4: { up: true, testAddress: true } });
      return network
        .instance("net1")
        .targets.targets.map(({ address }) => address)
        .join();
    },
    original: "",
    service: B,
  },
  keepsSockets: {
    told: "a standby takes over",
    end: (deviations) => {
      const network = new Network({ deviations }).plumb("net0", { test: [] });
      network
        .plumb("spare", { flags: ["STANDBY"] })
        .route("spare", A)
        .run(50_000);
      const { next } = network.instance("spare");
      network.link(false, "net0");
      return network.instance("spare").next === next ? "its probes go on" : "its timer starts anew";
    },
    original: "its timer starts anew",
    service: "its probes go on",
  },
  keepsFailedAtStart: {
    told: "the program is restarted while a link is silent",
    end: (deviations) => {
      const network = probed(deviations, A);
      network.wire = MUTE;
      network.run(12_000).restart();
      return network.run(5000).state("net0");
    },
    original: "running",
    service: "failed FAILED",
  },
  keepsPace: {
    told: "a link comes and goes ten times in a second",
    end: (deviations) => {
      const network = probed(deviations, A);
      network.number = () => EARLY;
      const sent = network.sent.length;
      for (let flap = 0; flap < 10; flap++) {
        network.link(false, "net0");
        network.run(50).link(true, "net0");
        network.run(50);
      }
      return network.sent.length - sent > 1 ? "ten probes a second" : "no more probes than ever";
    },
    original: "ten probes a second",
    service: "no more probes than ever",
  },
  keepsSpread: {
    told: "of sixteen links each has its own time within the interval, and the program is stopped for ten seconds",
    end: (deviations) => {
      const network = new Network({ deviations });
      let number = 1;
      network.number = () => (number = (number * 16_807) % 2_147_483_647);
      for (let link = 0; link < 16; link++) network.plumb(`net${link}`).route(`net${link}`, A);
      network.run(50_000).now += 10_000e6;
      const sent = network.sent.length;
      network.step();
      return `${network.sent.length - sent} probes at once`;
    },
    original: "16 probes at once",
    service: "0 probes at once",
  },
  repairsByLinkWithoutTargets: {
    told: "a link with a test address and nobody to probe is lost and comes back",
    end: (deviations) => {
      const network = probed(deviations);
      network.link(false, "net0");
      network.link(true, "net0");
      return network.run(600_000).state("net0");
    },
    original: "failed FAILED",
    service: "notargets",
  },
};

describe("a switch", () => {
  for (const [name, { told, end, original, service }] of Object.entries(STORIES)) {
    test(`${name}: ${told}`, () => {
      assert.equal(end(ORIGINAL), original, "without it");
      assert.equal(end({ ...ORIGINAL, [name]: true }), service, "with it");
    });
  }

  test("has its row in docs/DETECTION.md, in this order", () => {
    const rows = [...readFileSync(root("docs", "DETECTION.md"), "utf8").matchAll(/^\| `(\w+)` \|.*\|.*\|$/gm)];
    assert.deepEqual(
      rows.map(([, name]) => name),
      Object.keys(SERVICE),
    );
  });

  test("is off in the original and on in the service", () => {
    assert.deepEqual([...new Set(Object.values(ORIGINAL))], [false]);
    assert.deepEqual([...new Set(Object.values(SERVICE))], [true]);
  });
});
