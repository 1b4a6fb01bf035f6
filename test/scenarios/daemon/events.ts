import type { LoggedEvent } from "#src/snapshot/event.js";
import type { Verb } from "../story.ts";
import type { DaemonStage } from "./stage.ts";

/** What has happened since it was last asked; `events member-state`: only that kind. Links that go down and up are told when named. */
export const events: Verb<DaemonStage> = (stage, kinds) => {
  stage.core.tick();
  const news = stage.events.since(stage.shown);
  stage.shown = news.at(-1)?.id ?? stage.shown;
  return news.filter(({ kind }) => (kinds.length === 0 ? kind !== "link-state" : kinds.includes(kind))).map(describe);
};

/** Fields in the order in which people want them; which of them an event has depends on its kind. */
const SUBJECTS = ["group", "device", "address", "family", "errno", "mtu", "reason"] as const;

function describe(event: LoggedEvent): string {
  const fields = new Map<string, unknown>(Object.entries(event));
  const subject = SUBJECTS.filter((name) => fields.has(name)).map((name) => String(fields.get(name)));
  const change =
    "from" in event ? [`${event.from ?? "none"} -> ${"to" in event ? (event.to ?? "none") : event.device}`] : [];
  return `${[event.kind, ...subject, ...change].join(" ")}: ${event.cause}`;
}
