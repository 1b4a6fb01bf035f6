/**
 * The SNMP face of the program: its own agent on its own sockets, a subagent of the host's agent, and whoever is told of
 * changes. Starts whole or not at all.
 */

import { uptime } from "node:os";
import { type AgentCounters, agentCounters } from "../exposition/snmp/mibs/agent-counters.ts";
import type { FailedStatus } from "../exposition/snmp/mibs/interface-rows.ts";
import { type AgentFacts, MibContext } from "../exposition/snmp/mibs/mib-context.ts";
import type { Oid } from "../exposition/snmp/protocol/oid.ts";
import { agentTree } from "../exposition/snmp/view/agent-tree.ts";
import { MibView, MibViews } from "../exposition/snmp/view/mib-view.ts";
import type { SubagentMode } from "../exposition/snmp/view/registrations.ts";
import type { Log } from "../log/log.ts";
import type { AgentxSocket } from "../net-address/agentx-socket.ts";
import type { IpAddress } from "../net-address/ip-address.ts";
import type { SnmpEndpoint } from "../net-address/snmp-endpoint.ts";
import type { EventHistory, Transition } from "../snapshot/event.ts";
import type { HostAddresses } from "../snapshot/host-addresses.ts";
import type { Snapshots } from "../snapshot/snapshot.ts";
import type { EngineIdentity } from "./engine-identity.ts";
import { Listener, type Listening } from "./listener.ts";
import { NotificationTarget, type Retry, type TargetOptions } from "./notification-target.ts";
import { Notifier } from "./notifier.ts";
import { type Community, DEFAULT_LIMITS, type Limits, SNAPSHOT_AGE, SnmpEngine, type User } from "./snmp-engine.ts";
import type { Rate } from "./source-rate.ts";
import { Subagent, type Timing } from "./subagent.ts";
import { ListenError } from "./transport.ts";

export interface AgentOptions {
  readonly snapshots: Snapshots;
  readonly log: Log;
  /** Empty: only a subagent, or nothing. */
  readonly listenAddresses: readonly SnmpEndpoint[];
  readonly hostAddresses: HostAddresses;
  readonly communities: readonly Community[];
  /** Users of version 3. */
  readonly users: readonly User[];
  /** Who this engine is, kept over restarts by the caller. */
  readonly engine: EngineIdentity;
  /** The master agent to be a subagent of. */
  readonly agentx?: { readonly socket: AgentxSocket; readonly mode: SubagentMode; readonly timing?: Partial<Timing> };
  /** Who is told of changes; a master agent always is. */
  readonly notifications: readonly NotificationOptions[];
  /** Transitions wake the notifier; without it nothing but coldStart and authenticationFailure is told. */
  readonly events?: Pick<EventHistory, "since" | "subscribe" | "earlier">;
  /** Milliseconds in which a link, a group or a member is told of at most once. */
  readonly dampingMs: number;
  /** The system group; description is sysDescr. */
  readonly system: {
    readonly description: string;
    readonly contact: string;
    readonly name: string;
    readonly location: string;
  };
  readonly limits?: Partial<Limits>;
  /** How often one source may ask; this host always may. */
  readonly rate: Rate;
  /** Octets of a packet on the way to an address; undefined where the system does not say. */
  readonly pathMtu: (address: string) => number | undefined;
  /** Where IPMP-EXPORTER-MIB is rooted. */
  readonly enterprise: Oid;
  /** ifOperStatus of a group that has failed and of a link without carrier. */
  readonly failedStatus: FailedStatus;
}

export interface NotificationOptions {
  readonly target: SnmpEndpoint;
  /** Undefined: the route's. */
  readonly sourceAddress?: IpAddress | undefined;
  readonly type: "trap" | "inform";
  readonly credential: TargetOptions["credential"];
  readonly retry?: Retry;
}

export interface Agent {
  /** Where it listens, and where it would if this host had the address. */
  readonly listening: () => readonly Listening[];
  /** Whether a master agent has our rows; undefined without one. */
  readonly agentxConnected: () => boolean | undefined;
  /** What it counted since its start. */
  counters(): Readonly<AgentCounters>;
  /** Stops listening; resolves when the sockets are closed. May be called twice. */
  close(): Promise<void>;
}

/**
 * @throws ListenError when an address cannot be listened on; nothing is left open.
 * @throws RangeError when a view or a password cannot be used.
 */
export async function startAgent(options: AgentOptions): Promise<Agent> {
  const { log, snapshots, communities, users, notifications, rate } = options;
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const facts = factsOf(options, limits);
  const tree = agentTree(facts.enterprise);
  const onAuthenticationFailure = () => notifier.authenticationFailed();
  const engine = new SnmpEngine({
    snapshots,
    tree,
    facts,
    communities,
    users,
    limits,
    rate,
    pathMtu: options.pathMtu,
    log,
    onAuthenticationFailure,
  });
  const closers: (() => void | Promise<void>)[] = [];
  const close = async () => {
    await Promise.all(closers.splice(0).map(async (one) => one()));
  };

  /** Does a step of the start. When it fails, everything that was opened so far is closed. */
  const begin = async <T>(step: () => T | Promise<T>): Promise<T> => {
    try {
      return await step();
    } catch (error) {
      await close();
      throw error;
    }
  };
  const onRoom = () => notifier.roomAgain();
  const receivers = await begin(() =>
    notifications.map(({ target: endpoint, sourceAddress, type, credential, retry }) => {
      const { engine: own, counters } = facts;
      const receiver = new NotificationTarget({
        endpoint,
        sourceAddress,
        hostAddresses: options.hostAddresses,
        type,
        credential,
        retry,
        onRoom,
        engine: own,
        counters,
        log,
      });
      closers.push(() => receiver.close());
      return receiver;
    }),
  );
  const subagent = options.agentx && subagentOf(options, options.agentx, facts, onRoom);
  const notifier = new Notifier({
    targets: subagent ? [...receivers, subagent] : receivers,
    states: (transitions) => new MibView(tree, new MibContext(snapshots.about(transitions), facts)),
    dampingMs: options.dampingMs,
    counters: facts.counters,
    log,
  });
  closers.push(() => notifier.close());
  await Promise.all(receivers.map((receiver) => receiver.start()));
  const listeners = options.listenAddresses.map((endpoint) => listenerOf(endpoint, engine, options));
  for (const listener of listeners) {
    closers.push(() => listener.close());
    await begin(() => listener.start());
  }
  if (subagent) {
    closers.push(() => subagent.close());
    subagent.start();
  }
  if (subagent || receivers.length > 0) {
    const unsubscribe = options.events?.subscribe((event) => {
      if (!isKnown(event)) notifier.changed(event);
      if (CHANGES_ROWS.has(event.kind)) subagent?.wake();
    });
    if (unsubscribe) closers.push(unsubscribe);
    notifier.start();
    // Groups that were not well before anybody could be told. What earlier runs saw, they told themselves.
    for (const event of options.events?.since(options.events.earlier) ?? []) {
      if (event.kind === "group-state" && !isKnown(event)) notifier.changed(event);
    }
  }
  let closing: Promise<void> | undefined;
  return {
    listening: () => listeners.map(({ state }) => state),
    agentxConnected: () => subagent?.connected,
    counters: () => ({ ...facts.counters }),
    close() {
      closing ??= close();
      return closing;
    },
  };
}

/** Whether receivers were told by an earlier run, and nothing has changed since: else every restart would tell them again. */
function isKnown(event: Transition): boolean {
  return event.kind === "group-state" && event.from === event.to;
}

/** Transitions after which other rows are to be registered with a master: it has one registration for each row of a group. */
const CHANGES_ROWS: ReadonlySet<Transition["kind"]> = new Set(["group-added", "group-removed", "group-renumbered"]);

function factsOf(
  { system, enterprise, failedStatus, engine, notifications }: AgentOptions,
  limits: Limits,
): AgentFacts {
  const startedAt = process.hrtime.bigint();
  const time = () => Number((process.hrtime.bigint() - startedAt) / 1_000_000_000n);
  return {
    system,
    enterprise,
    failedStatus,
    hostUpTime: uptime,
    counters: agentCounters(),
    engine: { ...engine, time, maxMessageSize: limits.request },
    merged: false,
    authenticationTraps: notifications.length > 0,
  };
}

function subagentOf(
  { snapshots, log, system }: AgentOptions,
  { socket, mode, timing }: NonNullable<AgentOptions["agentx"]>,
  own: AgentFacts,
  onRoom: () => void,
): Subagent {
  const facts = { ...own, merged: mode === "merge" };
  const tree = agentTree(facts.enterprise);
  const views = new MibViews(tree, facts);
  const { enterprise: id, counters: counted } = facts;
  return new Subagent({
    socket,
    mode,
    mibView: () => views.of(snapshots.within(SNAPSHOT_AGE)),
    states: () => views.of(snapshots.states()),
    description: system.description,
    id,
    counters: counted,
    onRoom,
    log,
    timing,
  });
}

function listenerOf(endpoint: SnmpEndpoint, engine: SnmpEngine, { hostAddresses, log }: AgentOptions): Listener {
  return new Listener({
    endpoint,
    hostAddresses,
    log,
    receive: (datagram, { address: from, port }, socket) => {
      const reply = engine.receive(datagram, from);
      // The engine's octets are good until the next datagram; the system may take longer to send them. Port 0 answers nobody.
      if (!reply || port === 0) return;
      socket.send(Buffer.from(reply), port, from, (error) => {
        if (error) log.warn("SNMP reply not sent", { to: from, error });
      });
    },
  });
}

export { ListenError };
