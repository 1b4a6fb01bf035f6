/**
 * Sends UDP packets to the addresses of the last message from its parent, a few thousand a second to each; an empty list stops
 * it. Answers each stop when the kernel has taken the last packet. Ends with its parent.
 */

import { createSocket } from "node:dgram";

const PAYLOAD = Buffer.alloc(958); // a link counts 42 bytes more
const BURST = 10;
const PAUSE_MS = 3;
/** discard: nobody listens, and nobody has to. */
const PORT = 9;

/** @type {readonly string[]} */
let targets = [];
let busy = false;

async function run() {
  busy = true;
  const socket = createSocket("udp4");
  while (targets.length > 0) {
    for (const target of targets) {
      for (let packet = 0; packet < BURST; packet++) {
        // While a link is down or gone the kernel takes nothing, and sending goes on.
        await new Promise((resolve) => socket.send(PAYLOAD, PORT, target, resolve));
      }
    }
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
  socket.close();
  busy = false;
  process.send?.("held");
}

process.on("message", (message) => {
  targets = /** @type {string[]} */ (message); // the stage sends nothing else
  if (targets.length > 0 && !busy) void run();
  else if (targets.length === 0 && !busy) process.send?.("held");
});
process.on("disconnect", () => process.exit());
process.on("SIGINT", () => {}); // Ctrl-C is for the parent to deal with
process.send?.("ready");
