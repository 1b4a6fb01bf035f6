/** `/api/v1/kstats` as the commands read it. */

import * as z from "zod";
import { type Control, get } from "../control.ts";
import { type Kstat, sorted } from "./report.ts";

const kstatsSchema = z.object({
  kstats: z.array(
    z.object({
      module: z.string(),
      instance: z.int(),
      name: z.string(),
      class: z.string(),
      crtime: z.string(),
      snaptime: z.string(),
      statistics: z.array(z.object({ name: z.string(), type: z.string(), value: z.string() })),
    }),
  ),
});

/** @throws Failure when there is no daemon, or it answers something else */
export async function readKstats(control: Control): Promise<Kstat[]> {
  return sorted((await get(control, "/api/v1/kstats", kstatsSchema)).kstats);
}
