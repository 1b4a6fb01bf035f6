/**
 * Version 1 of the state file, which is no longer written: the state as one line of JSON, and after it, for each member of each group,
 * its settled counters, the source's own, and the time of the reading, as 64-bit words in the machine's order.
 */

import { WORD_BYTES } from "./reading-rows.ts";
import type { StateRecord } from "./record.ts";
import type { SavedReading } from "./saved-state.ts";
import { type StateFault, stateFault } from "./state-fault.ts";
import { checkWritten, withReadings } from "./written-state.ts";

/** The columns of `departed` and `baseline` in that version. */
const COUNTED = [
  ...["obytes", "obytes64", "rbytes", "rbytes64", "opackets", "opackets64", "oerrors", "ipackets", "ipackets64"],
  ...["ierrors", "multircv", "multixmt", "brdcstrcv", "brdcstxmt", "link_up"],
];
/** The only source that there was. */
const LOCAL = "local";
const NEWLINE = 0x0a;

/** The lines after the first, whose checksum has been found right. */
export function decodeVersion1(rest: Buffer): StateRecord | StateFault {
  const end = rest.indexOf(NEWLINE);
  let body: { readonly groups?: unknown; readonly statistics?: unknown };
  try {
    body = Object(JSON.parse(rest.toString("utf8", 0, end))) as typeof body; // any value may be asked for a key
  } catch {
    return stateFault("damaged", "its second line is no JSON");
  }
  const sources = [{ name: LOCAL, statistics: body.statistics }];
  const groups = Array.isArray(body.groups) ? body.groups.map(withSource) : [undefined];
  const text = checkWritten({ ...body, sources, counted: COUNTED }, groups);
  if (text.kind === "fault") return text;
  const members = text.groups.reduce((sum, group) => sum + group.members.length, 0);
  const width = text.whole.sources[0]?.statistics.length ?? 0;
  const bytes = rest.subarray(end + 1);
  if (bytes.length !== members * (2 * width + 1) * WORD_BYTES) {
    return stateFault("damaged", `it has ${members} members and ${bytes.length} bytes of readings`);
  }
  const words = new BigUint64Array(new Uint8Array(bytes).buffer);
  const readings = Array.from({ length: members }, (_, n): SavedReading => {
    const row = words.subarray(n * (2 * width + 1));
    return { counters: row.slice(0, width), seen: row.slice(width, 2 * width), seenAt: row[2 * width] ?? 0n };
  });
  // Of generation 0: no slot of readings can belong to it.
  return { kind: "record", generation: 0, textSum: 0, text, state: withReadings(text, readings) };
}

/** A group of that version, whatever it is, with the source that its members did not name. */
function withSource(group: { readonly members?: unknown } | null): unknown {
  if (!Array.isArray(group?.members)) return group;
  return { ...group, members: group.members.map((member: unknown) => Object.assign({ source: LOCAL }, member)) };
}
