/** Start, reload and stop of the daemon: puts the parts together and takes them apart again. */

import { hostname } from "node:os";
import { dirname } from "node:path";
import { readBuild } from "../../config/build.ts";
import type { Configuration } from "../../config/configuration.ts";
import {
  type ConfigurationError,
  formatConfigurationError,
  formatWithoutValues,
} from "../../config/configuration-error.ts";
import { waitingForRestart } from "../../config/in-force.ts";
import type { ServeOptions } from "../../config/load.ts";
import type { Log } from "../../log/log.ts";
import { printable } from "../../log/printable.ts";
import { loadPathMtu } from "../../probe-socket/path-mtu.ts";
import { loadProbeSockets } from "../../probe-socket/probe-sockets.ts";
import { ListenError as SnmpListenError, startAgent } from "../../snmp/agent.ts";
import { newEngineId } from "../../snmp/engine-identity.ts";
import { SourceError } from "../../sources/source.ts";
import { makeFolder } from "../../state/file-system.ts";
import { StateFile, type Unusable } from "../../state/state-file.ts";
import { StateHeldError, StateLock } from "../../state/state-lock.ts";
import { createWeb, type ListenAddress, ListenError, type Phase, type Web, WebConfigError } from "../../web/web.ts";
import { Core } from "../core.ts";
import { EventLog } from "../snapshots/event-log.ts";
import { systemClock } from "./clock.ts";
import { Devices } from "./devices.ts";
import { History } from "./history.ts";
import { hostNames } from "./host-names.ts";
import { logNoGroup } from "./no-group.ts";
import { openLocalSource } from "./local-source.ts";
import { interfaceControl } from "./interface-control.ts";
import { createLog } from "./log.ts";
import { LogSink } from "./log-sink.ts";
import { readableSecrets } from "./readable-secrets.ts";
import { Reloads } from "./reloads.ts";
import { logRestored } from "./restored-log.ts";
import { schedule } from "./schedule.ts";
import { bootSnmpEngine } from "./snmp-identity.ts";
import { SnmpSettingError, snmpOptions, snmpSnapshot } from "./snmp-options.ts";
import { startOf } from "./start-event.ts";
import { logTransition } from "./transition-log.ts";

/**
 * How often the page's plots get a reading when nobody looks, so that the last minutes are there when somebody does. In the second of
 * the usual checkpoint, whose reading they share.
 */
const PAGE_SAMPLES = "*/15 * * * * *";

/** How often that is saved: what a program that is killed loses of its plots. */
const TRAFFIC_SAVES = "0 */5 * * * *";

/** Milliseconds that requests in progress get when the program stops. */
const GRACE_MS = 5_000;

/** Milliseconds that the last lines of the log get at the end. */
const FLUSH_MS = 1_000;

/** Milliseconds after which the program is no longer waited for. */
const LAST_MS = 3_000;

const STANDARD_ERROR = 2;

/** Runs until a signal asks to stop. Answers with the exit code; what went wrong is on standard error in one line. */
export async function serve({ configuration, reload, kill }: ServeOptions): Promise<number> {
  const sink = new LogSink(STANDARD_ERROR);
  const log = createLog(configuration.log.level, configuration.log.format, sink);
  // Node would write both to standard error, and wait for it.
  process.removeAllListeners("warning").on("warning", ({ message }) => log.warn("warning of Node", { message }));
  process.on("uncaughtException", (error) => stopAtOnce(log, sink, error));
  const closers: (() => void | Promise<void>)[] = [];
  // Before anything takes time: a signal during the start is a signal too.
  const signals = listenToSignals(log);
  try {
    const daemon = await start(configuration, reload, log, sink, closers);
    signals.onReload = () => void daemon.reload(); // said in the log
    await signals.stopped;
    daemon.stopping();
    return 0;
  } catch (error) {
    if (!isExpected(error)) throw error;
    sink.write(`ipmp-exporter: ${printable(error.message)}\n`);
    return 1;
  } finally {
    for (const close of closers.reverse()) await closeAnyway(close, log);
    await sink.flush(FLUSH_MS);
    endAnyway(log, kill);
  }
}

/**
 * Node waits at its end for every thread, and one that a file system keeps waiting never ends: then only the process as a whole does. The timers
 * keep nothing here: where nothing else does, they never run.
 */
function endAnyway(log: Log, kill: () => void): void {
  const warn = () => log.warn("the end is held up", { by: "a file system that does not answer", next: "SIGKILL" });
  setTimeout(warn, LAST_MS).unref();
  setTimeout(kill, LAST_MS + FLUSH_MS).unref();
}

/** What fails to close keeps nothing else open. */
async function closeAnyway(close: () => void | Promise<void>, log: Log): Promise<void> {
  try {
    await close();
  } catch (error) {
    log.error("closing failed", { error: error instanceof Error ? error.message : String(error) });
  }
}

interface Daemon {
  reload(): Promise<unknown>;
  /** From now on it is not ready any more. */
  stopping(): void;
}

async function start(
  configuration: Configuration,
  reload: ServeOptions["reload"],
  log: Log,
  sink: LogSink,
  closers: (() => void | Promise<void>)[],
): Promise<Daemon> {
  let phase: Phase = "starting";
  const build = readBuild();
  log.info("starting", { version: build.version, revision: build.revision, node: process.version });

  // Before anything is read of the state, and until nothing more is written.
  const lock = await lockOf(configuration.state.file, log);
  closers.push(() => lock?.release());
  const { source, why, identity } = await openLocalSource(configuration);
  log[source.kind === "procfs" ? "warn" : "info"](why, { source: source.kind });
  const devices = await Devices.open(configuration, systemClock);
  const stateFile = configuration.state.file === undefined ? undefined : new StateFile(configuration.state.file);
  const loaded = stateFile?.load(new Date());
  if (loaded?.kind === "state" && loaded.from !== stateFile?.path) {
    log.warn("state file is not there", { file: stateFile?.path, consequence: `counters go on from ${loaded.from}` });
  }
  if (loaded?.kind === "unusable") logUnusable(log, configuration.state.file, loaded);
  // Where the state may not be written, nothing else is either.
  const isForeign = loaded?.kind === "unusable" && loaded.fault === "foreign";
  if (isForeign) lock?.release();
  const history = await History.open(isForeign ? undefined : stateFile?.path, identity, systemClock, log);
  const events = new EventLog(history.events);
  closers.push(events.subscribe((event) => logTransition(log, event)));
  const keepEvents = history.follow(events);
  // A start that failed has nothing to tell the next: a service that is started again and again would push out what is worth keeping.
  const hasRun = (): boolean => phase !== "starting";
  closers.push(() => (hasRun() ? keepEvents() : undefined));
  for (const secret of await readableSecrets(configuration)) log.warn("a secret is not kept", { what: secret });
  const core = new Core({
    sources: [source, ...devices.sources],
    clock: systemClock,
    events,
    configuration,
    stateFile,
    loaded: loaded ?? { kind: "none" },
    system: identity,
    probeSockets: await loadProbeSockets(),
    panic: (error) => stopAtOnce(log, sink, error),
  });
  events.append(startOf(core.restored, history, systemClock), systemClock.wallMs());
  core.start();
  logRestored(log, core.restored, loaded?.kind === "state" ? loaded.from : undefined, systemClock);
  closers.push(() => core.close());
  const every = (expression: string, what: string, run: () => unknown): void => {
    const failed = (error: unknown): void =>
      log.error(`${what} failed`, { error: error instanceof Error ? error.message : String(error) });
    closers.push(schedule(expression, systemClock, run, failed));
  };
  every(configuration.state.checkpoint, "checkpoint", () => core.sharedCheckpoint());

  const reloads = new Reloads(async () => {
    const next = await reload();
    if (phase === "stopping") return { kind: "refused", message: "Stopping" };
    if (isErrors(next)) {
      log.error("configuration not reloaded", { error: next.map(formatConfigurationError).join("; ") });
      return { kind: "refused", message: next.map(formatWithoutValues).join("; ") };
    }
    devices.want(next.groups);
    core.reconfigure(next);
    log.info("configuration reloaded", { file: next.file });
    const waiting = waitingForRestart(configuration, next);
    if (waiting.length > 0) log.warn("changes that take effect after a restart", { keys: waiting.join(", ") });
    return { kind: "reloaded" };
  });
  closers.push(() => reloads.close());
  const web = createWeb({
    snapshots: core.snapshots,
    suppose: (without) => core.suppose(without),
    events,
    probes: core.probes,
    audit: () => core.audit(),
    phase: () => phase,
    reload: () => reloads.request(),
    reloadState: () => reloads.state,
    logLinesDropped: () => sink.dropped,
    enableLifecycle: configuration.web.enableLifecycle,
    hostNames: [...hostNames(), ...configuration.web.hostNames],
    log,
    host: hostname(),
    build,
    control: interfaceControl(core),
    telemetryPath: configuration.web.telemetryPath,
    ...(configuration.web.configFile === undefined ? {} : { webConfigFile: configuration.web.configFile }),
    maxRequests: configuration.web.maxRequests,
    exporterMetrics: !configuration.web.disableExporterMetrics,
    createdSeries: configuration.web.openmetricsCreated,
    earlierTraffic: history.traffic && { record: history.traffic.record, goesOn: core.restored.kind === "restored" },
  });
  closers.push(() => (hasRun() ? history.saveTraffic(web.traffic()) : undefined));
  closers.push(() => web.close(GRACE_MS));
  every(PAGE_SAMPLES, "reading for the page", () => web.sample());
  every(TRAFFIC_SAVES, "saving traffic", () => void history.saveTraffic(web.traffic()));
  const addresses = configuration.web.systemdSocket ? systemdSockets() : configuration.web.listenAddresses;
  const controlSocket = await listen(web, addresses, configuration.control, log);
  const agent = await startAgent({
    ...snmpOptions(configuration.snmp, build),
    snapshots: core.snapshots,
    hostAddresses: core.addresses,
    pathMtu: await loadPathMtu(),
    events,
    engine: bootSnmpEngine(core, newEngineId()),
    log,
  });
  closers.push(() => agent.close());
  core.showSnmp(() => snmpSnapshot(agent));

  phase = "ready";
  const now = core.snapshots.within(0n);
  const { groups, counts, links } = now;
  const notOk = counts.degraded + counts.failed;
  const listening = agent.listening().filter(({ isOpen }) => isOpen);
  log[notOk > 0 ? "warn" : "info"]("ready", {
    groups: groups.length,
    not_ok: notOk,
    links: links.length,
    page: web.pageUrl() ?? "none",
    snmp: listening.map(({ address }) => address).join(" ") || "none",
    control: controlSocket ?? "none",
  });
  logNoGroup(log, configuration, now);
  const stopping = () => {
    phase = "stopping";
  };
  return { reload: () => reloads.request(), stopping };
}

interface Signals {
  /** Resolves on the first SIGTERM or SIGINT; a second one ends the program as the system does. */
  readonly stopped: Promise<void>;
  /** What SIGHUP does; until the program has started, nothing. */
  onReload: () => void;
}

function listenToSignals(log: Log): Signals {
  const stopped = new Promise<void>((resolve) => {
    for (const signal of ["SIGTERM", "SIGINT"] as const) {
      process.once(signal, () => {
        log.info("stopping", { signal });
        resolve();
      });
    }
  });
  const signals: Signals = { stopped, onReload: () => {} };
  process.on("SIGHUP", () => signals.onReload());
  return signals;
}

/** Ends the program after an internal error, without saving: the state on disk is older and right, the one in memory may be wrong. */
function stopAtOnce(log: Log, sink: LogSink, error: Error): void {
  log.error("internal error, stopping", { error: error.message, stack: error.stack });
  sink.flushNow();
  process.exit(1);
}

/** Whether the error has a message for whoever started the program; any other is a fault of the program. */
function isExpected(error: unknown): error is Error {
  return [ListenError, WebConfigError, SnmpListenError, SnmpSettingError, SourceError, StateHeldError].some(
    (kind) => error instanceof kind,
  );
}

/** Listens on all addresses, or throws. A control socket that was not configured may fail; the program then runs without it. */
async function listen(
  web: Web,
  addresses: readonly ListenAddress[],
  { socket, explicit }: Configuration["control"],
  log: Log,
): Promise<string | undefined> {
  try {
    if (socket !== undefined && !explicit) makeFolder(dirname(socket), 0o700);
    await web.listen(addresses, socket);
    return socket;
  } catch (error) {
    if (explicit || socket === undefined || (error instanceof ListenError && error.address !== `unix:${socket}`))
      throw error;
    log.warn("no control socket", { socket, error: error instanceof Error ? error.message : String(error) });
    await web.listen(addresses);
    return undefined;
  }
}

/** The sockets that systemd hands over, from descriptor 3 on (sd_listen_fds(3)). @throws ListenError */
function systemdSockets(): ListenAddress[] {
  const count = process.env["LISTEN_PID"] === String(process.pid) ? Number(process.env["LISTEN_FDS"]) : 0;
  if (!(count > 0)) {
    throw new ListenError(
      "systemd",
      "Cannot use --web.systemd-socket: systemd handed over no socket; start it by its socket unit",
    );
  }
  return Array.from({ length: count }, (_, n) => ({ kind: "fd", fd: n + 3 }));
}

/** @throws StateHeldError */
function lockOf(file: string | undefined, log: Log): Promise<StateLock> | undefined {
  if (file === undefined) return undefined;
  return StateLock.take(file, {
    held: (holder) => log.warn("state file is in use, waiting for it", { file, process: holder }),
    unavailable: (error) =>
      log.warn("state file is not locked", {
        file,
        error: error instanceof Error ? error.message : String(error),
        consequence: "a second start with the same file is not refused",
      }),
  });
}

function logUnusable(log: Log, file: string | undefined, { fault, message, kept, recovered }: Unusable): void {
  const consequence = recovered
    ? `counters go on from ${recovered.from}; what happened after it was written is lost`
    : "counters begin again";
  log.warn("state file cannot be used", { file, fault, error: message, kept, consequence });
}

function isErrors(loaded: Configuration | ConfigurationError[]): loaded is ConfigurationError[] {
  return Array.isArray(loaded);
}
