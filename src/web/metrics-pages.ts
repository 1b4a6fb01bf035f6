/** Rendered scrapes, each made once for all the requests that ask for the same of one snapshot. */

import { BootTime } from "../exposition/prometheus/boot-time.ts";
import { FormerPage } from "../exposition/prometheus/former-page.ts";
import { type Collector, type Treatment, MetricsPage } from "../exposition/prometheus/metrics.ts";
import { OpenMetricsWriter } from "../exposition/prometheus/openmetrics-writer.ts";
import { ProtobufWriter } from "../exposition/prometheus/protobuf-writer.ts";
import type { PageWriter } from "../exposition/prometheus/sample-writer.ts";
import { TextWriter } from "../exposition/prometheus/text-writer.ts";
import type { Snapshot } from "../snapshot/snapshot.ts";
import { inTurns } from "../turns/in-turns.ts";
import { SharedBody } from "./compression.ts";
import type { FormatName } from "./exposition-format.ts";
import type { ProcessMetrics } from "./process-metrics.ts";

export interface MetricsOptions {
  /** Undefined where the exporter says nothing about itself. */
  readonly processMetrics: ProcessMetrics | undefined;
  /** Whether OpenMetrics has a series `_created` for each counter. */
  readonly createdSeries: boolean;
  /** Whether what was written is kept, in about twice the memory of a page, so that the next one takes half as long. */
  readonly keepsPages: boolean;
}

export interface PageRequest {
  readonly format: FormatName;
  readonly choice: string;
  readonly isWanted: (collector: string) => boolean;
  /** As performance.now() counts: when to leave out the rest; Infinity for never. */
  readonly deadline: number;
  /** Whether the counters of the snapshot have been read for it. */
  readonly hasCounters: boolean;
}

class Page {
  readonly snapshot: Snapshot;
  /** That of the request that it was begun for. */
  readonly deadline: number;
  readonly body: Promise<SharedBody>;
  /** Becomes false when something is left out for want of time. Final once there is a body. */
  isWhole = true;
  readonly #done: (page: Page) => void;
  #readers = 0;

  /** `done` is called when the last of its readers has it. */
  constructor(
    snapshot: Snapshot,
    deadline: number,
    write: (page: Page) => Promise<SharedBody>,
    done: (page: Page) => void,
  ) {
    this.snapshot = snapshot;
    this.deadline = deadline;
    this.#done = done;
    this.body = write(this);
  }

  /** The returned function is to be called once, when the reader has it. */
  enter(): () => void {
    this.#readers++;
    return () => {
      if (--this.#readers === 0) this.#done(this);
    };
  }
}

export class MetricsPages {
  readonly #options: MetricsOptions;
  readonly #metrics = new MetricsPage();
  readonly #boot = new BootTime();
  readonly #former: Partial<Record<FormatName, FormerPage>>;
  /** Those that are being read, by format and choice; of each the youngest. */
  readonly #pages = new Map<string, Page>();
  /** The memory of a former page, some megabytes on a large host. */
  #spare: Uint8Array | undefined;

  constructor(options: MetricsOptions) {
    this.#options = options;
    this.#former = options.keepsPages
      ? { text: new FormerPage(), openmetrics: new FormerPage(), protobuf: new FormerPage() }
      : {};
  }

  /** A page that is begun for this request, or one of another request that has no more time: see {@link Page.isWhole}. */
  of(snapshot: Snapshot, request: PageRequest): Page {
    const key = `${request.format} ${request.choice}`;
    const known = this.#pages.get(key);
    const isTheSame = known?.isWhole === true && known.snapshot === snapshot && request.hasCounters;
    return isTheSame && known.deadline <= request.deadline ? known : this.#make(key, snapshot, request);
  }

  #make(key: string, snapshot: Snapshot, request: PageRequest): Page {
    const writer = this.#writer(request.format, snapshot);
    const write = async (page: Page): Promise<SharedBody> => {
      let withProcess = false;
      const treatmentOf = ({ name, showsCounters }: Collector): Treatment => {
        if (!request.isWanted(name)) return "unwanted";
        if (performance.now() >= page.deadline || (showsCounters && !request.hasCounters)) {
          page.isWhole = false;
          return "late";
        }
        if (name === "process") withProcess = true;
        return "written";
      };
      await inTurns(this.#metrics.steps(snapshot, writer, treatmentOf));
      if (withProcess) await this.#options.processMetrics?.write(writer, snapshot.startedAt);
      return new SharedBody(writer.finish());
    };
    const page = new Page(snapshot, request.deadline, write, (read) => this.#read(key, read));
    if (page.isWhole) this.#pages.set(key, page);
    return page;
  }

  #read(key: string, page: Page): void {
    if (this.#pages.get(key) === page) this.#pages.delete(key);
    const keep = ({ bytes }: SharedBody): void => {
      this.#spare = new Uint8Array(bytes.buffer); // all of its memory: the page ended before its end
    };
    page.body.then(keep, () => {}); // whoever asked has been told what was wrong
  }

  #writer(format: FormatName, snapshot: Snapshot): PageWriter {
    const options = { buffer: this.#spare, former: this.#former[format] };
    this.#spare = undefined;
    const boot = this.#boot.of(snapshot);
    switch (format) {
      case "text":
        return new TextWriter(options);
      case "openmetrics":
        return new OpenMetricsWriter({ ...options, boot: this.#options.createdSeries ? boot : undefined });
      case "protobuf":
        return new ProtobufWriter(boot, options);
      default:
        return format satisfies never;
    }
  }
}
