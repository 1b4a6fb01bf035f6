/** What happens to a group of an illumos system while its links carry traffic. */

import { minus } from "../accuracy/counts.ts";
import { IllumosStage } from "./illumos-stage.ts";
import type { IllumosRow } from "./row.ts";

function played(disturb: (stage: IllumosStage) => Promise<void>): IllumosRow["play"] {
  return async (hooks) => {
    const stage = await IllumosStage.start(hooks);
    await disturb(stage);
    return stage.outcome();
  };
}

/** What a member carries between its leave and its join, in trains of packets. */
const TRAINS = 100;

export const ILLUMOS_ROWS: readonly IllumosRow[] = [
  {
    name: "illumos-failover",
    title: "a member fails, and is repaired",
    play: played((stage) =>
      stage.carry(async () => {
        stage.kernel.fail("net1");
        await stage.state("degraded");
        stage.kernel.repair("net1");
        await stage.state("ok");
      }),
    ),
  },
  {
    name: "illumos-regroup",
    title: "a member is taken out of the group, carries traffic of its own, and is put back",
    play: played((stage) =>
      stage.carry(async () => {
        stage.kernel.leave("net1");
        await stage.rounds(2);
        stage.kernel.join("net1");
        await stage.rounds(2);
      }),
    ),
  },
  {
    name: "illumos-regroup-unseen",
    title: "a member leaves and joins again between two rounds of questions",
    play: played((stage) =>
      stage.carry(async () => {
        await stage.rounds(1);
        stage.kernel.leave("net1");
        stage.kernel.join("net1");
        await stage.rounds(2);
      }),
    ),
  },
  {
    name: "illumos-regroup-carried",
    title: "a member leaves, carries traffic of its own, and joins again, all between two rounds of questions",
    explanation:
      "At both rounds it was a member, so that what it carried in between looks like the group's; that the system has counted less is said at the next look at rest (`ipmp_group_cross_check_success`), and a total that has been published does not fall",
    play: played(async (stage) => {
      await stage.carry(async () => {
        await stage.rounds(1);
        stage.kernel.leave("net1");
        const before = stage.kernel.of("net1");
        for (let train = 0; train < TRAINS; train++) stage.kernel.carryTrain("net1");
        stage.excess = minus(stage.kernel.of("net1"), before);
        stage.kernel.join("net1");
        await stage.rounds(2);
      });
      await stage.logged("does not fit its links");
    }),
  },
  {
    name: "illumos-remade",
    title: "the group is deleted and made again under its name (another crtime)",
    explanation:
      "What the group counted after the last round of questions before its end went with its kstat, and nobody can ask for it",
    play: played((stage) =>
      stage.carry(async () => {
        await stage.rounds(1);
        const before = stage.kernel.counted;
        await stage.rounds(1); // the last round may have read what was counted a round before
        stage.bound = minus(stage.kernel.counted, before);
        stage.kernel.remake();
        await stage.logged("group removed");
      }),
    ),
  },
  {
    name: "illumos-silent",
    title: "its commands hang for a while",
    play: played((stage) =>
      stage.carry(async () => {
        for (const tool of ["kstat", "ipmpstat"] as const) stage.tree.behave(tool, "sleep 600");
        await stage.logged("a source does not answer", "did not answer within");
        for (const tool of ["kstat", "ipmpstat"] as const) stage.tree.behave(tool, "");
        await stage.logged("a source answers again");
      }),
    ),
  },
  {
    name: "illumos-restart",
    title: "the program is restarted (SIGTERM), traffic going on meanwhile",
    play: played((stage) => stage.carry(() => stage.restart("SIGTERM"))),
  },
  {
    name: "illumos-kill",
    title: "the program is killed (SIGKILL) and started again, a member leaving and joining again meanwhile",
    play: played((stage) =>
      stage.carry(async () => {
        const away = stage.restart("SIGKILL");
        stage.kernel.leave("net1");
        stage.kernel.join("net1");
        await away;
      }),
    ),
  },
];
