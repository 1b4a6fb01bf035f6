/** Many made-up devices in a thread of their own, so that what they cost is not what the program costs. They remember when each was polled. */

import { parentPort, workerData } from "node:worker_threads";
import { FakeDevice } from "../../test/support/fake-device.ts";

interface Farm {
  readonly devices: number;
  readonly ports: number;
  /** Milliseconds without a request, after which the next one is of another poll. */
  readonly pauseMs: number;
}

const { devices, ports, pauseMs } = workerData as Farm; // from bench/devices.ts

/** When the polls of one device began, and its last request came: milliseconds since 1970. */
class Polls {
  readonly began: number[] = [];
  #last = Number.NEGATIVE_INFINITY;

  asked(): void {
    const now = Date.now();
    if (now - this.#last > pauseMs) this.began.push(now);
    this.#last = now;
  }
}

const farm: { readonly target: string; readonly polls: Polls }[] = [];
for (let n = 0; n < devices; n++) {
  const device = await FakeDevice.start({ after: () => {} });
  for (let port = 1; port <= ports; port++) device.add(port, `eth${port}`);
  const polls = new Polls();
  device.twist = (_request, reply) => {
    polls.asked();
    device.requests.length = 0;
    return reply;
  };
  farm.push({ target: device.target, polls });
}
/** Told once what the targets are, and whenever it is asked when each of them was polled so far. */
parentPort?.on("message", () => parentPort?.postMessage(farm.map(({ polls }) => polls.began)));
parentPort?.postMessage(farm.map(({ target }) => target));
