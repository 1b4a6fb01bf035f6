/** Polls of a device, counted by the program itself. */

import type { Program } from "./program.ts";
import { eventually } from "./wait.ts";

/** Waits until the device has been polled so many times more, and has answered. */
export async function morePolls(program: Program, source: string, times: number): Promise<void> {
  const answered = async () =>
    Number((await program.metrics()).get(`ipmp_source_polls_total{source="${source}",outcome="answered"}`));
  const before = await answered();
  await eventually(
    async () => (await answered()) >= before + times,
    () => `${source} is not polled:\n${program.log.join("\n")}`,
  );
}
