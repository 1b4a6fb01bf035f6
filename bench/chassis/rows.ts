/** What happens to a group over two devices while both carry traffic. */

import type { Hooks } from "../../test/support/netns.ts";
import { eventually } from "../../test/support/wait.ts";
import { type Counts, counts, minus } from "../accuracy/counts.ts";
import { ChassisStage, type FakeMember, type RealMember } from "./chassis-stage.ts";
import type { ChassisPlayed, ChassisRow } from "./row.ts";

/** Two namespaces with snmpd. */
function real(disturb: (stage: ChassisStage<RealMember>) => Promise<void>): ChassisRow["play"] {
  return async (hooks) => outcomeOf(await ChassisStage.real(hooks), disturb);
}

/** Two made-up devices, for what snmpd cannot do. */
function madeUp(
  prepare: (member: FakeMember) => void,
  disturb: (stage: ChassisStage<FakeMember>) => Promise<void>,
): ChassisRow["play"] {
  return async (hooks: Hooks) => outcomeOf(await ChassisStage.fake(hooks, { step: STEP, prepare }), disturb);
}

async function outcomeOf<S extends { outcome(): Promise<ChassisPlayed> }>(
  stage: S,
  disturb: (stage: S) => Promise<void>,
): Promise<ChassisPlayed> {
  await disturb(stage);
  return stage.outcome();
}

/** A past of each counter, which nobody may count. */
const PAST = 5_000_000_000n;

function withPast({ link }: FakeMember, bytes = PAST, packets = PAST / 1_000n): void {
  link.inOctets = bytes;
  link.outOctets = bytes;
  link.inPackets = packets;
  link.outPackets = packets;
}

const TURN = 1n << 32n;

/** Bytes in 20 ms: 40 Mbit/s. */
const STEP = 100_000n;

/** What the second device carries from its last poll before something until a poll after it. */
async function between(stage: ChassisStage<FakeMember>, happens: (member: FakeMember) => void): Promise<Counts> {
  const [, member] = stage.members;
  // All that it carries in two intervals: one poll may be under way, and the next one comes half a second later.
  const before = member.read();
  happens(member);
  const polled = await stage.polls(member.name);
  await eventually(
    async () => (await stage.polls(member.name)) >= polled + 2,
    () => "the device is not polled",
  );
  const after = member.read();
  return counts((name) => 2n * (after[name] - before[name]));
}

export const CHASSIS_ROWS: readonly ChassisRow[] = [
  {
    name: "chassis-silent",
    title: "the daemon of one device is stopped, and started again after some polls",
    play: real(async (stage) => {
      const [, { chassis }] = stage.members;
      await stage.carry(async () => {
        await chassis.stopAgent();
        await stage.state("degraded");
        await chassis.startAgent();
        await stage.state("ok");
      });
      await chassis.isComplete();
    }),
  },
  {
    name: "chassis-renamed",
    title: "a link is renamed, and carries on",
    explanation:
      "snmpd tells the counters that a link had when it was renamed until it is started anew, and nobody who asks it can know better",
    play: real(async (stage) => {
      const [, member] = stage.members;
      await stage.carry();
      await stage.rest();
      const before = member.read();
      member.rename("eth50");
      await stage.carry();
      await stage.rest();
      stage.bound = minus(member.read(), before);
    }),
  },
  {
    name: "chassis-remade",
    title: "a link is deleted and made again under its name, its traffic pausing",
    play: real(async (stage) => {
      const [, member] = stage.members;
      await stage.carry();
      await stage.rest();
      member.remake();
      const { ifindex } = member.chassis.ns.link("eth49");
      await eventually(
        async () => [...(await stage.program.metrics()).keys()].some((name) => name.includes(`ifindex="${ifindex}"`)),
        () => "the new link is not seen",
      );
      await stage.rest();
      await stage.carry();
    }),
  },
  {
    name: "chassis-restart",
    title: "the program is restarted (SIGTERM), traffic going on meanwhile",
    play: real(async (stage) => stage.carry(() => stage.restart("SIGTERM"))),
  },
  {
    name: "chassis-kill",
    title: "the program is killed (SIGKILL) and started again, traffic going on meanwhile",
    play: real(async (stage) => stage.carry(() => stage.restart("SIGKILL"))),
  },
  {
    name: "device-wrap32",
    title: "devices without ifXTable: counters of 32 bits pass their top",
    play: madeUp(
      (member) => {
        member.link.highSpeed = 1_000; // which ifSpeed can say
        withPast(member, TURN - 10n * STEP, TURN - 1_000n);
        member.device.hasIfXTable = false;
      },
      (stage) => stage.carry(),
    ),
  },
  {
    name: "device-discontinuity",
    title: "a device clears the counters of its link, and says so (ifCounterDiscontinuityTime)",
    explanation:
      "What the link carried between the last poll before and the first after is known to the device alone, and it has forgotten it",
    play: madeUp(
      (member) => withPast(member),
      async (stage) => {
        await stage.carry(async () => {
          stage.bound = await between(stage, (member) => {
            member.clear();
            member.link.discontinuity = member.device.sysUpTime;
          });
        });
      },
    ),
  },
  {
    name: "device-rebooted",
    title: "a device is started anew, and its counters begin at 0",
    explanation:
      "What the link carried between the last poll before and the first that is believed is known to the device alone: an agent is not believed in its first 20 s, of which 19 have passed when it answers here",
    play: madeUp(
      (member) => withPast(member),
      async (stage) => {
        const [, member] = stage.members;
        const before = member.read();
        await stage.carry(async () => {
          member.clear();
          member.device.startedMs = Date.now() - 19_000;
          await stage.program.logged("device=sw2:eth49", "reason=reboot");
          stage.bound = minus(member.read(), before);
        });
      },
    ),
  },
];
