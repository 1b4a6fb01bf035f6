/**
 * The written form of events: JSON, a line for the whole and one for each event. What is read is checked here, whatever its
 * checksum says: an event of a kind or form that this version does not know is left out, and the others are taken.
 */

import * as z from "zod";
import { sourceOfLabel } from "../link/link-id.ts";
import type { LoggedEvent, Transition } from "../snapshot/event.ts";
import type { SavedEvents } from "./saved-events.ts";
import { parseObject } from "./file-checks.ts";
import { type StateFault, stateFault } from "./state-fault.ts";

/** Names of groups and links, of any length: the file as a whole is bounded. */
const name = z.string();
/** Characters of a cause that are written. Some causes name every link of a host. Of 500 that are cut the file is short enough to be read. */
const LONGEST_CAUSE = 8_000;
/** JSON has no undefined. */
const perhaps = <T extends z.ZodType>(form: T) => form.nullable().transform((value) => value ?? undefined);
const perhapsName = perhaps(name);
const integer = z.int().min(0);
const groupState = z.enum(["ok", "degraded", "failed"]);
const memberState = z.enum(["active", "inactive", "failed", "offline"]);

const ofGroup = z.strictObject({ group: name });
const ofNothing = z.strictObject({});
const ofSource = z.strictObject({ source: name });
const ofLink = { group: name, device: name, source: name, ifindex: integer };
/** Once written without what tells the link, of which nobody knows the ifIndex any more. */
const ofUnknownLink = z
  .strictObject({ group: name, device: name })
  .transform((event) => ({ ...event, source: sourceOfLabel(event.device), ifindex: 0 }));
const ofMember = z.union([z.strictObject(ofLink), ofUnknownLink]);

/** The transitions of one kind. */
type OfKind<K, T = Transition> = T extends { readonly kind: infer Kinds } ? (K extends Kinds ? T : never) : never;

/** What each kind has beside its kind and its cause. */
const FORMS: { readonly [K in Transition["kind"]]: z.ZodType<Omit<OfKind<K>, "kind" | "cause">> } = {
  "program-started": z.strictObject({ awayMs: perhaps(z.number().min(0)) }),
  "group-added": ofGroup,
  "group-removed": ofGroup,
  "group-refused": ofGroup,
  "group-renumbered": z.strictObject({ group: name, ifindex: integer }),
  "group-state": z.strictObject({ group: name, ifname: name, from: perhaps(groupState), to: groupState }),
  "bond-unmonitored": ofGroup,
  "member-joined": ofMember,
  "member-left": ofMember,
  "member-refused": z.strictObject({ group: name, device: name, errno: name }),
  "member-state": z.strictObject({ ...ofLink, from: memberState, to: memberState }),
  "link-state": z.strictObject({ ...ofLink, to: z.enum(["up", "down"]) }),
  "address-moved": z.strictObject({ group: name, address: name, from: perhapsName, to: perhapsName }),
  "cast-changed": z.strictObject({
    group: name,
    family: z.enum(["ipv4", "ipv6"]),
    from: perhapsName,
    to: perhapsName,
  }),
  "mtu-changed": z.strictObject({ group: name, mtu: integer }),
  "targets-mute": ofGroup,
  "targets-answer": ofGroup,
  "probe-method": z.strictObject({ group: name, degraded: z.boolean() }),
  "detection-time": z.strictObject({ group: name, milliseconds: z.number().min(0) }),
  "link-renamed": z.strictObject({ device: name, from: name }),
  "counter-reset": z.strictObject({ device: name, reason: name }),
  "events-lost": ofNothing,
  "source-unanswered": ofSource,
  "source-answers": ofSource,
  "source-limit": ofNothing,
  "cross-check-failed": ofGroup,
  "audit-failed": ofGroup,
  "state-unsaved": ofNothing,
  "state-saved": ofNothing,
};

const whole = z.object({
  name: z.string().regex(/^[0-9a-z]{1,16}$/),
  isWhole: z.boolean(),
  savedMs: integer,
  lastId: integer,
  forgotten: integer,
});
const place = z.looseObject({ id: integer, wallMs: z.number().min(0), kind: z.string(), cause: z.string() });

export function writeEvents({ events, ...rest }: SavedEvents): Uint8Array {
  const withNulls = (_key: string, value: unknown): unknown => (value === undefined ? null : value);
  const lines = [rest, ...events.map((event) => ({ ...event, cause: shortened(event.cause) }))];
  return Buffer.from(lines.map((line) => `${JSON.stringify(line, withNulls)}\n`).join(""));
}

function shortened(cause: string): string {
  return cause.length > LONGEST_CAUSE ? `${cause.slice(0, LONGEST_CAUSE)}…` : cause;
}

export function readEvents(bytes: Uint8Array): SavedEvents | StateFault {
  const [first, ...lines] = Buffer.from(bytes).toString("utf8").trimEnd().split("\n").map(parseObject);
  const head = whole.safeParse(first);
  if (!head.success) return stateFault("damaged", "its second line is not that of saved events");
  const events: LoggedEvent[] = [];
  for (const line of lines) {
    const event = eventIn(line);
    // Whoever looks for an event by its id relies on their order.
    if (event && event.id > (events.at(-1)?.id ?? 0) && event.id <= head.data.lastId) events.push(event);
  }
  return { ...head.data, isWhole: head.data.isWhole && events.length === lines.length, events };
}

function eventIn(line: unknown): LoggedEvent | undefined {
  const found = place.safeParse(line);
  if (!found.success) return undefined;
  const { id, wallMs, kind, cause: because, ...rest } = found.data;
  if (!isKind(kind)) return undefined;
  const fields = FORMS[kind].safeParse(rest);
  // The form of that kind has just been found right.
  return fields.success ? ({ id, wallMs, kind, ...fields.data, cause: because } as LoggedEvent) : undefined;
}

function isKind(kind: string): kind is Transition["kind"] {
  return Object.hasOwn(FORMS, kind);
}
