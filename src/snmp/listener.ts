/**
 * One address of the configuration, and the sockets that serve it. A reply has to leave from the address that was asked (RFC 1122
 * section 4.1.3.5), and a socket bound to every address leaves that choice to the route. So where every address is meant, each that
 * the host has gets a socket of its own, which is opened and closed as addresses come and go. An address that is not there yet is
 * waited for.
 */

import type { RemoteInfo, Socket } from "node:dgram";
import type { Log } from "../log/log.ts";
import { parseZoned, unmapped } from "../net-address/ip-address.ts";
import { formatSnmpEndpoint, hostOf, type SnmpEndpoint } from "../net-address/snmp-endpoint.ts";
import type { HostAddresses } from "../snapshot/host-addresses.ts";
import { ChangeFollower } from "./change-follower.ts";
import { closed, isBoundTo, isLocalAddress, ListenError, listen } from "./transport.ts";

export interface ListenerOptions {
  readonly endpoint: SnmpEndpoint;
  readonly hostAddresses: HostAddresses;
  readonly receive: (datagram: Buffer, from: RemoteInfo, socket: Socket) => void;
  readonly log: Log;
}

/** Where one configured address stands. */
export interface Listening {
  /** As the configuration writes it; port 0 has become the one that the system chose. */
  readonly address: string;
  /** Whether a socket is open for it. */
  readonly isOpen: boolean;
}

interface OpenSocket {
  readonly socket: Socket;
  readonly endpoint: SnmpEndpoint;
}

/** Addresses served of those that are meant by one of the configuration: a host with more has them for other purposes. */
const SOCKETS_MAX = 1024;
/** Milliseconds between attempts, where nobody tells that it may be worth one. */
const RETRY_MS = 5_000;
const EVERY_ADDRESS: ReadonlySet<string> = new Set(["0.0.0.0", "::"]);
const LOOPBACK = "127.0.0.1";
/**
 * What a host calls itself in /etc/hosts: 127.0.1.1 with Debian (Debian Reference, section 5.1.1), 127.0.0.2 with others
 * (nss-myhostname(8)). Linux has all of 127.0.0.0/8 with 127.0.0.1, and no link lists them.
 */
const HOST_NAME_ADDRESSES: ReadonlySet<string> = new Set(["127.0.0.2", "127.0.1.1"]);

export class Listener {
  readonly #options: ListenerOptions;
  readonly #isEvery: boolean;
  #port: number;
  /** By the address as sockets take it. */
  readonly #sockets = new Map<string, OpenSocket>();
  /** Addresses that cannot be listened on, each said once. */
  readonly #refused = new Set<string>();
  #unsubscribe = (): void => {};
  #retry: NodeJS.Timeout | undefined;
  readonly #changes: ChangeFollower;
  #saidWaiting = false;
  #closed = false;

  constructor(options: ListenerOptions) {
    this.#options = options;
    this.#isEvery = EVERY_ADDRESS.has(options.endpoint.address);
    this.#port = options.endpoint.port;
    this.#changes = new ChangeFollower(
      async () => {
        await this.#follow((error) => this.#refuse(error));
        this.#say();
      },
      (error) => options.log.error("SNMP cannot follow the addresses of this host", { error }),
    );
  }

  get state(): Listening {
    const address = formatSnmpEndpoint({ ...this.#options.endpoint, port: this.#port });
    return { address, isOpen: this.#sockets.size > 0 };
  }

  /**
   * Listens on what is there, and from now on on what comes.
   * @throws ListenError where it may not listen, or another program does; that an address is not there is no reason.
   */
  async start(): Promise<void> {
    await this.#follow((error) => {
      throw error;
    });
    this.#say();
    this.#unsubscribe = this.#options.hostAddresses.subscribe(() => this.#changes.wake());
    this.#changes.wake(); // what changed meanwhile
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#unsubscribe();
    clearTimeout(this.#retry);
    await this.#changes.close();
    await this.#shut([...this.#sockets.keys()]);
  }

  /** Makes the sockets those of the addresses of now. */
  async #follow(refused: (error: ListenError) => void): Promise<void> {
    clearTimeout(this.#retry);
    const known = this.#known();
    const wanted = this.#wanted(known);
    await this.#shut(await this.#gone(known, wanted));
    let missing = wanted.size === 0;
    for (const [host, endpoint] of wanted) {
      if (this.#closed || this.#sockets.has(host)) continue;
      try {
        await this.#open(host, { ...endpoint, port: this.#port });
      } catch (error) {
        if (!(error instanceof ListenError)) throw error;
        // Other systems have no such address, and never will.
        missing ||= !(error.isAbsent && HOST_NAME_ADDRESSES.has(host));
        if (!error.isAbsent) refused(error);
      }
    }
    if (missing && !this.#closed) this.#retry = setTimeout(() => this.#changes.wake(), RETRY_MS).unref();
  }

  async #open(host: string, endpoint: SnmpEndpoint): Promise<void> {
    const { receive, log } = this.#options;
    const socket = await listen(endpoint, (datagram, from) => receive(datagram, from, socket));
    const address = formatSnmpEndpoint(endpoint);
    socket.on("error", (error) => log.warn("SNMP socket error", { address, error }));
    this.#sockets.set(host, { socket, endpoint });
    this.#refused.delete(address);
    // The first of them takes any port, the others that one.
    this.#port = socket.address().port;
  }

  /** By the address as sockets take it. */
  #wanted(known: ReadonlySet<string>): ReadonlyMap<string, SnmpEndpoint> {
    if (!this.#isEvery) return new Map([[hostOf(this.#options.endpoint), this.#options.endpoint]]);
    const all = Array.from(known, (host) => this.#sockets.get(host)?.endpoint ?? this.#meant(host));
    const meant = all.filter((endpoint) => endpoint !== undefined);
    if (meant.length > SOCKETS_MAX)
      this.#sayOnce("too many", `only ${SOCKETS_MAX} of ${meant.length} addresses are served`);
    return new Map(meant.slice(0, SOCKETS_MAX).map((endpoint) => [hostOf(endpoint), endpoint]));
  }

  /** What is listened on for an address of this host, where every one is meant; undefined where it is of the other family. */
  #meant(host: string): SnmpEndpoint | undefined {
    const { endpoint } = this.#options;
    if (host.includes(":") !== (endpoint.transport === "udp6")) return undefined;
    const { address, zone } = parseZoned(host);
    // An IPv4 address in IPv6's form is one that nobody can be asked by over IPv6, and a socket of IPv6 alone cannot have it.
    if (address === undefined || unmapped(address) !== address) return undefined;
    return { ...endpoint, address, ...(zone === undefined ? {} : { zone }) };
  }

  /** Addresses that this host has now, as far as it is known. */
  #known(): ReadonlySet<string> {
    const listed = this.#options.hostAddresses.list();
    return new Set(listed.includes(LOOPBACK) ? [LOOPBACK, ...HOST_NAME_ADDRESSES, ...listed] : listed);
  }

  /** Open sockets whose address this host has no more. Not every source knows every address, so the system is asked. */
  async #gone(known: ReadonlySet<string>, wanted: ReadonlyMap<string, SnmpEndpoint>): Promise<readonly string[]> {
    const gone: string[] = [];
    for (const [host, { socket, endpoint }] of this.#sockets) {
      const isBound = isBoundTo(socket, endpoint);
      if (isBound && known.has(host) && wanted.has(host)) continue;
      if (!isBound || this.#sockets.size > SOCKETS_MAX || !(await isLocalAddress(endpoint))) gone.push(host);
    }
    return gone;
  }

  async #shut(hosts: readonly string[]): Promise<void> {
    const open = hosts.flatMap((host) => this.#sockets.get(host) ?? []);
    for (const host of hosts) this.#sockets.delete(host);
    await Promise.all(open.map(({ socket }) => closed(socket)));
  }

  #refuse({ address, message }: ListenError): void {
    this.#sayOnce(address, message);
  }

  #sayOnce(key: string, error: string): void {
    if (this.#refused.has(key)) return;
    this.#refused.add(key);
    this.#options.log.warn("SNMP does not listen everywhere", { address: this.state.address, error });
  }

  /** Says when it begins to wait, and when that ends. */
  #say(): void {
    const { address, isOpen } = this.state;
    if (isOpen !== this.#saidWaiting || this.#closed) return;
    this.#saidWaiting = !isOpen;
    const { log } = this.#options;
    if (isOpen) log.info("SNMP listens", { address });
    else log.warn("SNMP waits for an address that this host does not have", { address });
  }
}
