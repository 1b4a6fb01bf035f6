import { NET_STATISTICS } from "#src/kstat/net.js";
import { Schema } from "#src/kstat/schema.js";
import { options, type Verb } from "../story.ts";
import type { EngineStage } from "./stage.ts";

/** `count net0 rbytes64=500`: the link's counters now, each in its width (kstat link:0:net0). */
export const count: Verb<EngineStage> = (stage, [name = "", ...words]) => {
  const { kstats } = stage.ip.stack;
  const told = [...options(words)];
  const old = kstats.lookup("link", 0, name);
  if (old) kstats.delete(old);
  const schema = new Schema(
    told.map(([statistic]) => {
      const known = NET_STATISTICS.find((row) => row.name === statistic);
      return { name: statistic, type: known?.bits === 32 ? "uint32" : "uint64" };
    }),
  );
  const kstat = kstats.create({ id: { module: "link", instance: 0, name, class: "net" }, schema, crtime: stage.now });
  if (kstat) kstat.values = BigUint64Array.from(told, ([, value]) => BigInt(value));
  return [];
};
