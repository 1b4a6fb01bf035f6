/** Many made-up devices in a thread of their own, so that what they cost is not what the program costs. */

import { parentPort, workerData } from "node:worker_threads";
import { FakeDevice } from "../../test/support/fake-device.ts";

const { devices, ports } = workerData as { readonly devices: number; readonly ports: number }; // from bench/devices.ts

const targets: string[] = [];
for (let n = 0; n < devices; n++) {
  const device = await FakeDevice.start({ after: () => {} });
  for (let port = 1; port <= ports; port++) device.add(port, `eth${port}`);
  targets.push(device.target);
}
parentPort?.postMessage(targets);
