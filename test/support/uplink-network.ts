/** Uplinks of a host that go through switches to a router, and can be cut where no carrier of the host shows it. */

import { type Hooks, Netns } from "./netns.ts";

export const UPLINKS = [0, 1] as const;
export type Uplink = (typeof UPLINKS)[number];

/** A host with two uplinks, each through a switch of its own to a router, which has an address on each. */
export class UplinkNetwork {
  readonly host: Netns;
  readonly switches: Netns;
  readonly router: Netns;

  private constructor(hooks: Hooks) {
    this.host = Netns.create(hooks, "host", { ipv6: true });
    this.switches = Netns.create(hooks, "switches");
    this.router = Netns.create(hooks, "router", { ipv6: true });
  }

  static create(hooks: Hooks, { pingSockets = true } = {}): UplinkNetwork {
    const network = new UplinkNetwork(hooks);
    network.#plumb();
    network.allowPingSockets(pingSockets);
    return network;
  }

  #plumb(): void {
    const { host, switches, router } = this;
    for (const n of UPLINKS) {
      host.ip("link", "add", `up${n}`, "type", "veth", "peer", "name", `host${n}`, "netns", switches.name);
      router.ip("link", "add", `r${n}`, "type", "veth", "peer", "name", `router${n}`, "netns", switches.name);
      switches.batch([
        `link add br${n} type bridge forward_delay 0 mcast_snooping 0`,
        `link set br${n} up`,
        ...[`host${n}`, `router${n}`].flatMap((port) => [`link set ${port} master br${n}`, `link set ${port} up`]),
      ]);
      for (const [ns, link, end] of [[host, `up${n}`, 9] as const, [router, `r${n}`, 1] as const]) {
        ns.ip("address", "add", `10.9.${n}.${end}/24`, "dev", link);
        ns.ip("address", "add", `2001:db8:${n}::${end}/64`, "dev", link, "nodad");
        ns.ip("link", "set", link, "up");
        ns.waitFor(link, "UP");
      }
    }
  }

  /** A default route over both uplinks. */
  multipath(family: "4" | "6"): void {
    const gateway = (n: Uplink) => (family === "4" ? `10.9.${n}.1` : `2001:db8:${n}::1`);
    const hops = UPLINKS.flatMap((n) => ["nexthop", "via", gateway(n), "dev", `up${n}`]);
    this.host.ip(`-${family}`, "route", "add", "default", ...hops);
  }

  /** Cuts a path where no carrier of the host shows it: by default the far port of the switch goes down, two hops away. */
  cut(n: Uplink, how: Cut = CUTS.port): void {
    how.cut(this, n);
  }

  mend(n: Uplink, how: Cut = CUTS.port): void {
    how.mend(this, n);
  }

  /** The host lets everybody open ping sockets, or nobody. A socket that is open stays so. */
  allowPingSockets(isAllowed: boolean): void {
    this.host.run("sh", "-c", `echo '${isAllowed ? "0 2147483647" : "1 0"}' > ${PING_RANGE}`);
  }

  /** The router answers no echo requests any more, or does again. */
  mute(isMute: boolean): void {
    const value = isMute ? 1 : 0;
    this.router.run("sh", "-c", `echo ${value} > /proc/sys/net/ipv4/icmp_echo_ignore_all`);
  }
}

/** A way to let nothing through. */
export interface Cut {
  cut(network: UplinkNetwork, n: Uplink): void;
  mend(network: UplinkNetwork, n: Uplink): void;
}

const own = (n: Uplink) => [`10.9.${n}.9/32`, `2001:db8:${n}::9/128`] as const;
const macOf = (router: Netns, n: Uplink) => router.link(`r${n}`).address;

export const CUTS = {
  /** The far port of the switch is down. */
  port: {
    cut: ({ switches }, n) => void switches.ip("link", "set", `router${n}`, "down"),
    mend: ({ switches }, n) => void switches.ip("link", "set", `router${n}`, "up"),
  },
  /** The far end drops whatever it would send back. */
  filter: {
    cut: ({ router }, n) => {
      for (const prefix of own(n)) router.ip("route", "add", "blackhole", prefix);
    },
    mend: ({ router }, n) => {
      for (const prefix of own(n)) router.ip("route", "del", "blackhole", prefix);
    },
  },
  /** The switch believes that the router is where the host is, and sends nothing on to it; what the router sends does not teach it better (sticky). */
  misled: {
    cut: ({ switches, router }, n) =>
      void switches.run("bridge", "fdb", "replace", macOf(router, n), "dev", `host${n}`, "master", "static", "sticky"),
    mend: ({ switches, router }, n) =>
      void switches.run("bridge", "fdb", "replace", macOf(router, n), "dev", `router${n}`, "master", "static"),
  },
} as const satisfies Record<string, Cut>;

const PING_RANGE = "/proc/sys/net/ipv4/ping_group_range";
