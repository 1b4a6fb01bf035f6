/** What a manager does all day. */

import { spawn } from "node:child_process";
import { once } from "node:events";

/** Walks ifXTable of the agent at this port of 127.0.0.1 with Debian's snmpbulkwalk, until told to stop. @throws Error when it cannot be started */
export async function walk(port: number, until?: AbortSignal): Promise<void> {
  const options = ["-v2c", "-cpublic", "-Cr25", "-t20", "-r0", "-Onq"];
  const walking = spawn("snmpbulkwalk", [...options, `udp:127.0.0.1:${port}`, "1.3.6.1.2.1.31.1.1"], {
    stdio: "ignore",
    env: { ...process.env, MIBS: "" },
  });
  const stop = (): void => void walking.kill();
  until?.addEventListener("abort", stop);
  await once(walking, "exit");
  until?.removeEventListener("abort", stop);
}
