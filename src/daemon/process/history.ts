/**
 * What people want to look back at, over restarts: the last events and what the page's plots are drawn from. Both are saved at times of
 * their own, apart from the state and from every collection, and neither hinders a start.
 */

import type { Log } from "../../log/log.ts";
import type { EventHistory } from "../../snapshot/event.ts";
import type { TrafficRecord } from "../../snapshot/traffic.ts";
import { HistoryFile } from "../../state/history-file.ts";
import { saveFailure } from "../../state/save-failure.ts";
import type { SavedEvents } from "../../state/saved-events.ts";
import type { SystemIdentity } from "../../state/saved-state.ts";
import type { StateFault } from "../../state/state-fault.ts";
import { readEvents, writeEvents } from "../../state/written-events.ts";
import { readTraffic, type SavedTraffic, writeTraffic } from "../../state/written-traffic.ts";
import type { EventLog } from "../snapshots/event-log.ts";
import type { Clock } from "./clock.ts";

/** Milliseconds: events of a burst are saved together, at most this long after the first. */
const EVENTS_DELAY_MS = 5_000;

export class History {
  /** Events of earlier runs; undefined when there are none. */
  readonly events: SavedEvents | undefined;
  readonly traffic: SavedTraffic | undefined;
  readonly #files: Files | undefined;
  readonly #system: SystemIdentity;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #failing = new Set<HistoryFile>();
  #timer: NodeJS.Timeout | undefined;

  private constructor(
    { events, traffic, files }: Partial<Pick<History, "events" | "traffic">> & { readonly files?: Files },
    system: SystemIdentity,
    clock: Clock,
    log: Log,
  ) {
    this.events = events;
    this.traffic = traffic;
    this.#files = files;
    this.#system = system;
    this.#clock = clock;
    this.#log = log;
  }

  /** Beside that state file; undefined keeps nothing. Whatever is wrong with the files is said in the log. Never rejects. */
  static async open(stateFile: string | undefined, system: SystemIdentity, clock: Clock, log: Log): Promise<History> {
    if (stateFile === undefined) return new History({}, system, clock, log);
    const files = { events: new HistoryFile(stateFile, "events"), traffic: new HistoryFile(stateFile, "traffic") };
    const now = { system, at: clock.now(), wallMs: clock.wallMs() };
    const [events, traffic] = await Promise.all([
      load(files.events, readEvents, log),
      load(files.traffic, (bytes) => readTraffic(bytes, now), log),
    ]);
    const history = new History(
      { events: events && (await taken(events, files.events)), traffic, files },
      system,
      clock,
      log,
    );
    if (history.events ?? history.traffic) {
      const readings = [...(traffic?.record.values() ?? [])].flat().length;
      log.info("history restored", { events: events?.events.length ?? 0, traffic_readings: readings });
    }
    return history;
  }

  /** When an earlier run was last at work, in milliseconds since 1970, as far as these files know. */
  get lastSeenMs(): number | undefined {
    const seen = [this.events?.savedMs, this.traffic?.savedMs].filter((at) => at !== undefined);
    return seen.length === 0 ? undefined : Math.max(...seen);
  }

  /** From now on events are saved soon after they happen. Answers with what ends that and saves them a last time. */
  follow(events: EventHistory & Pick<EventLog, "saved">): () => Promise<void> {
    const { events: file } = this.#files ?? {};
    if (!file) return () => Promise.resolve();
    const save = (isWhole: boolean): Promise<void> =>
      this.#save(file, () => [writeEvents(events.saved(this.#clock.wallMs(), isWhole))]);
    const unsubscribe = events.subscribe(() => {
      this.#timer ??= setTimeout(() => {
        this.#timer = undefined;
        void save(false);
      }, EVENTS_DELAY_MS).unref();
    });
    return () => {
      unsubscribe();
      clearTimeout(this.#timer);
      return save(true);
    };
  }

  /** Never rejects: a disk that fails is said once. */
  async saveTraffic(record: TrafficRecord): Promise<void> {
    if (!this.#files) return;
    const moment = { system: this.#system, at: this.#clock.now(), wallMs: this.#clock.wallMs() };
    await this.#save(this.#files.traffic, () => writeTraffic(record, moment));
  }

  async #save(file: HistoryFile, contents: () => readonly Uint8Array[]): Promise<void> {
    try {
      await file.save(contents);
      this.#failing.delete(file);
    } catch (error) {
      if (this.#failing.has(file)) return;
      this.#failing.add(file);
      this.#log.warn("history cannot be saved", { error: saveFailure(file.path, error) });
    }
  }
}

interface Files {
  readonly events: HistoryFile;
  readonly traffic: HistoryFile;
}

async function load<T>(
  file: HistoryFile,
  read: (bytes: Uint8Array) => T | StateFault,
  log: Log,
): Promise<T | undefined> {
  const bytes = await file.load();
  const found = bytes instanceof Uint8Array ? read(bytes) : bytes;
  if (!isFault(found)) return found;
  const { fault, message } = found;
  log.warn("history cannot be used", { file: file.path, fault, error: message, consequence: "it begins now" });
  return undefined;
}

/**
 * This run's events follow those of a run that stopped in order, in one history. That the history goes on is written down before it does: a
 * third run, after this one was killed, would otherwise give the same ids to other events.
 */
async function taken(events: SavedEvents, file: HistoryFile): Promise<SavedEvents> {
  if (!events.isWhole) return events;
  try {
    await file.save(() => [writeEvents({ ...events, isWhole: false })]);
    return events;
  } catch {
    return { ...events, isWhole: false };
  }
}

function isFault<T>(found: T | StateFault): found is StateFault {
  return typeof found === "object" && found !== null && "kind" in found && found.kind === "fault";
}
