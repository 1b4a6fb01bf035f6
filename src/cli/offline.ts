/** `ipmp-exporter offline DEVICE` and `online DEVICE`: if_mpadm(8) -d and -r over the control socket. */

import { Failure, print, type Run } from "./command.ts";
import { complaintIn, controlOf } from "./control.ts";

export const run: Run = administer("offline");

export function administer(action: "offline" | "online"): Run {
  return async (given, terminal) => {
    const [device = ""] = given.operands;
    const path = `/api/v1/interfaces/${encodeURIComponent(device)}/${action}`;
    const { status, body } = await controlOf(given, terminal).ask("POST", path);
    if (status >= 200 && status < 300) {
      print(terminal.stdout, [`${device}: ${action}`]);
      return 0;
    }
    throw new Failure(
      complaintIn(body) ?? `cannot take ${device} ${action}: the daemon answered with status ${status}`,
    );
  };
}
