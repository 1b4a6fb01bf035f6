/** The SNMP agent: its sockets around its engine. Starts whole or not at all. */

import type { Socket } from "node:dgram";
import type { Oid } from "../exposition/snmp/oid.ts";
import { type Statistics, statistics } from "../exposition/snmp/statistics.ts";
import { agentTree, DEFAULT_ENTERPRISE } from "../exposition/snmp/tree.ts";
import type { EventHistory } from "../snapshot/event.ts";
import type { Snapshots } from "../snapshot/snapshot.ts";
import { type Community, DEFAULT_LIMITS, Engine, type Limits, type Log, type User } from "./engine.ts";
import { type EngineIdentity, newIdentity } from "./engine-identity.ts";
import { NotificationTarget, type Retry, type TargetOptions } from "./notification-target.ts";
import { Notifier } from "./notifier.ts";
import { DEFAULT_RATE, type Rate } from "./rate-limit.ts";
import { endpointOf, formatEndpoint, ListenError, listen, parseEndpoint } from "./transport.ts";

/** snmpd's default community, which only this host may use. */
export const DEFAULT_COMMUNITIES: readonly Community[] = [{ name: "public", sources: ["127.0.0.1", "::1"] }];

export interface AgentOptions {
  readonly snapshots: Snapshots;
  readonly log: Log;
  /** Such as "udp:127.0.0.1:1161" and "udp6:[::1]:1161". */
  readonly listenAddresses: readonly string[];
  readonly communities?: readonly Community[];
  /** Users of version 3. */
  readonly users?: readonly User[];
  /** Who this engine is, from {@link startIdentity}; left out: a new one, for once. */
  readonly engine?: EngineIdentity;
  /** The system group; description is sysDescr. */
  readonly system: {
    readonly description: string;
    readonly contact?: string | undefined;
    readonly name: string;
    readonly location?: string | undefined;
  };
  /** Who is told of changes. */
  readonly notifications?: readonly NotificationOptions[];
  /** Transitions wake the notifier; without it nothing but coldStart and authenticationFailure is told. */
  readonly events?: Pick<EventHistory, "subscribe">;
  /** Milliseconds in which a link, a group or a member is told of at most once. */
  readonly dampingMs?: number;
  readonly limits?: Partial<Limits>;
  /** How often one source may ask; this host always may. */
  readonly rate?: Rate;
  /** Where IPMP-EXPORTER-MIB is rooted. */
  readonly enterprise?: Oid;
}

export interface NotificationOptions {
  /** Such as "udp:192.0.2.5:162". */
  readonly target: string;
  readonly type: "trap" | "inform";
  readonly credential: TargetOptions["credential"];
  readonly retry?: Retry;
}

/** A link that flaps faster than that is one thing to know. */
const DAMPING_MS = 1000;

export interface Agent {
  /** Where it listens, in the notation of the options. */
  readonly addresses: readonly string[];
  /** What it counted since its start. */
  statistics(): Readonly<Statistics>;
  /** Stops listening; resolves when the sockets are closed. May be called twice. */
  close(): Promise<void>;
}

/**
 * @throws ListenError when an address cannot be listened on; nothing is left open.
 * @throws RangeError when a source of a community, a view or a password cannot be used.
 */
export async function startAgent(options: AgentOptions): Promise<Agent> {
  const { log, system, enterprise = DEFAULT_ENTERPRISE } = options;
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const startedAt = process.hrtime.bigint();
  const time = () => Number((process.hrtime.bigint() - startedAt) / 1_000_000_000n);
  const identity = { ...(options.engine ?? newIdentity()), time };
  const counted = statistics();
  const targets = (options.notifications ?? []).map(({ target, type, credential, retry }) => {
    const endpoint = parseEndpoint(target);
    return new NotificationTarget({ endpoint, type, credential, retry, engine: identity, statistics: counted, log });
  });
  const notifier = new Notifier({
    targets,
    // Of now: what woke the notifier is newer than any snapshot.
    store: () => engine.store(0n),
    dampingMs: options.dampingMs ?? DAMPING_MS,
    log,
  });
  const engine = new Engine({
    snapshots: options.snapshots,
    tree: agentTree(enterprise),
    facts: {
      system: {
        description: system.description,
        contact: system.contact ?? "",
        name: system.name,
        location: system.location ?? "",
      },
      enterprise,
      statistics: counted,
      engine: { ...identity, maxMessageSize: limits.request },
      authenticationTraps: targets.length > 0,
    },
    communities: options.communities ?? DEFAULT_COMMUNITIES,
    users: options.users ?? [],
    limits,
    rate: options.rate ?? DEFAULT_RATE,
    log,
    onAuthenticationFailure: () => notifier.authenticationFailed(),
  });
  const sockets: Socket[] = [];
  try {
    for (const address of options.listenAddresses) sockets.push(await serve(address, engine, log));
  } catch (error) {
    notifier.close();
    await Promise.all(sockets.map(close));
    throw error;
  }
  const unsubscribe = targets.length > 0 ? options.events?.subscribe(() => notifier.wake()) : undefined;
  if (targets.length > 0) notifier.start();
  let closing: Promise<unknown> | undefined;
  return {
    addresses: sockets.map((socket) => formatEndpoint(endpointOf(socket))),
    statistics: () => ({ ...engine.statistics }),
    async close() {
      if (closing === undefined) {
        unsubscribe?.();
        notifier.close();
        closing = Promise.all(sockets.map(close));
      }
      await closing;
    },
  };
}

async function serve(address: string, engine: Engine, log: Log): Promise<Socket> {
  const socket = await listen(address, (datagram, { address: from, port }) => {
    const reply = engine.receive(datagram, from);
    // The engine's octets are good until the next datagram; the system may take longer to send them. Port 0 answers nobody.
    if (reply && port > 0) socket.send(Buffer.from(reply), port, from, report);
  });
  const report = (error: Error | null) => {
    if (error) log.warn("SNMP reply not sent", { address, error });
  };
  socket.on("error", (error) => log.warn("SNMP socket error", { address, error }));
  return socket;
}

function close(socket: Socket): Promise<void> {
  return new Promise((resolve) => socket.close(() => resolve()));
}

export { ListenError };
