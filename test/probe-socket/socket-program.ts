/**
 * Opens one probe socket and does what its standard input says, an errand a line, in JSON; prints what happened, a JSON object a line.
 *
 *   node socket-program.js icmp '{"family":"ipv4","device":"va","ifindex":2,"source":"10.0.0.1"}'
 */

import { createInterface } from "node:readline";
import type { OutgoingProbe, ProbeMethod, ProbeOrigin } from "#src/probe-socket/probe-socket.js";
import { loadProbeSockets } from "#src/probe-socket/probe-sockets.js";

/** Probes that are sent together, and for how many milliseconds nobody listens after that. */
export interface Errand {
  readonly probes: readonly Omit<OutgoingProbe, "sentAt">[];
  readonly busyMs: number;
}

const [, , method, origin] = process.argv;
const print = (line: object): void => console.log(JSON.stringify(line));
const sockets = await loadProbeSockets();
const now = (): number => Number(process.hrtime.bigint());

// The arguments are the test's own.
const opened = sockets.open(method as ProbeMethod, JSON.parse(origin ?? "") as ProbeOrigin, ({ sentAt, ...answer }) =>
  print({ answer: { ...answer, afterMs: (now() - sentAt) / 1e6 } }),
);
print(opened.kind === "open" ? { opened: opened.socket.method } : { refused: opened });
if (opened.kind === "refused") process.exit();

for await (const line of createInterface({ input: process.stdin })) {
  const { probes, busyMs } = JSON.parse(line) as Errand;
  for (const probe of probes) {
    const sent = opened.socket.send({ ...probe, sentAt: now() });
    print({
      sent: [sent, opened.socket.refusal].filter((word) => word !== undefined).join(": "),
      sequence: probe.sequence,
    });
  }
  const until = performance.now() + busyMs;
  while (performance.now() < until);
}
opened.socket.close();
