/** A tree of fake commands, and the daemon's loop that watches it: polled when the test says so. */

import { Core } from "#src/daemon/core.js";
import { EventLog } from "#src/daemon/snapshots/event-log.js";
import { hrtime } from "#src/kstat/hrtime.js";
import type { GroupSnapshot } from "#src/snapshot/snapshot.js";
import { IllumosSource } from "#src/sources/illumos/illumos-source.js";
import { StateFile } from "#src/state/state-file.js";
import { configuration, type Told } from "../../daemon/configuration.ts";
import type { Disk } from "../../simulation/disk.ts";
import { saySamples } from "../../support/illumos-samples.ts";
import { IllumosTree } from "../../support/illumos-tree.ts";
import type { Hooks } from "../../support/netns.ts";
import { scratch } from "../../support/scratch.ts";

/** Milliseconds that a command gets here: far more than one takes that answers. */
const DEADLINE_MS = 1_500;
/** The rounds of its own never come while a test runs. */
const NEVER_MS = 3_600_000;

export interface Watch {
  readonly tree: IllumosTree;
  readonly core: Core;
  /** One round of questions, and what follows from the answers. */
  poll(): Promise<void>;
  group(name: string): GroupSnapshot | undefined;
  /** What was announced, as `kind: cause`. */
  told(): string[];
}

export interface WatchOptions {
  readonly disk?: Disk;
  readonly tree?: IllumosTree;
  /** Of the source; left out, the tree is the host itself. */
  readonly name?: string;
  /** Groups of the configuration. */
  readonly groups?: Told["groups"];
  /** What the tree tells of its boot. */
  readonly boot?: string;
}

/** Watches a tree with the samples, after `change`. */
export async function watch(
  hooks: Hooks,
  change: (tree: IllumosTree) => void = () => {},
  { disk, tree = sampleTree(hooks), name = "local", boot, groups }: WatchOptions = {},
): Promise<Watch> {
  change(tree);
  const events = new EventLog();
  const source = new IllumosSource({ name, root: tree.root, intervalMs: NEVER_MS, boot, deadlineMs: DEADLINE_MS });
  await source.round();
  const stateFile = disk && new StateFile("/state.json", disk);
  const core = new Core({
    sources: [source],
    clock: { now: () => hrtime(process.hrtime.bigint()), wallMs: () => Date.now() },
    events,
    configuration: configuration(groups ? { groups } : {}),
    stateFile,
    loaded: stateFile?.load(new Date(0)) ?? { kind: "none" },
    system: { boot: "boot_time 1", namespace: "" },
  });
  core.start();
  hooks.after(() => source.close());
  return {
    tree,
    core,
    poll: () => source.round(),
    group: (name) => core.snapshots.within(-1n).groups.find((group) => group.name === name),
    told: () => events.since().map(({ kind, cause }) => `${kind}: ${cause}`),
  };
}

export function sampleTree(hooks: Hooks): IllumosTree {
  const tree = new IllumosTree(scratch(hooks));
  saySamples(tree);
  return tree;
}
