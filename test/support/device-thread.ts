/**
 * A made-up device in a thread of its own (see threaded-device.ts): it answers however busy the thread of the test is, and counts, in memory that
 * both have, how many answers it has sent and how many requests it has had.
 */

import { parentPort, workerData } from "node:worker_threads";
import { FakeDevice } from "./fake-device.ts";

const counts = workerData as Int32Array; // from threaded-device.ts
const device = await FakeDevice.start({ after: () => {} });
device.add(1, "eth1");
device.misbehave = (_request, proper, send) => {
  Atomics.add(counts, 1, 1);
  send(proper);
  setImmediate(() => {
    Atomics.add(counts, 0, 1); // it has gone out by now
    Atomics.notify(counts, 0);
  });
  return undefined;
};
parentPort?.postMessage(device.target);
