/** Valid traces of any length, from a seed: what an administrator, a daemon and a network might do, with faults in between. */

const MACTYPE_IPMP = 2_147_483_654;
const FAMILIES = ["v4", "v6"] as const;
type Family = (typeof FAMILIES)[number];
type Op = { readonly op: string } & Record<string, unknown>;

interface Address {
  readonly id: string;
  up: boolean;
}

interface Interface {
  readonly name: string;
  readonly families: readonly Family[];
  /** Addresses by family. */
  readonly addresses: Record<Family, Address[]>;
  /** For a link: the group it is in. */
  group: Interface | undefined;
}

/** As many of each as keep a history's state, and so the program's memory, bounded. */
const ADDRESSES_MAX = 6;
const NEIGHBOURS_MAX = 30;
const ROUTES_MAX = 30;
const FLAGS = ["RUNNING", "FAILED", "OFFLINE", "INACTIVE"];
const IRE_TYPES = ["IRE_HOST", "IRE_IF_CLONE", "IRE_LOCAL", "IRE_PREFIX", "IRE_BROADCAST", "IRE_IF_RESOLVER"];
const ND_STATES = ["ND_REACHABLE", "ND_STALE", "ND_INCOMPLETE"];
const FAULTS = [
  "ip_dlnotify_alloc",
  "ipif_resolver_up",
  "ipif_ndp_up",
  "nce_lookup_then_add",
  "kmem_alloc",
  "ipsq_try_enter",
];
const STATISTICS = ["obytes", "obytes64", "rbytes", "rbytes64", "ipackets64", "opackets64", "ierrors"];
const MTUS = [68, 576, 1280, 1500, 9000];

export class History {
  readonly #groups: Interface[] = [];
  readonly #links: Interface[] = [];
  readonly #neighbours: { readonly id: string; readonly owner: Interface; readonly family: Family }[] = [];
  readonly #routes: string[] = [];
  readonly #ready: string[] = [];
  #state: number;
  #made = 0;

  constructor(seed: number, links = 8) {
    this.#state = seed >>> 0;
    this.#begin("ipmp0", ["v4"]);
    this.#begin("ipmp1", ["v4", "v6"]);
    this.#begin("ipmp2", ["v6"]);
    for (let index = 0; index < links; index++) this.#plumb(`net${index}`, this.#pick([["v4"], ["v6"], ["v4", "v6"]]));
  }

  /** The next line of the trace. */
  next(): string {
    while (this.#ready.length === 0) this.#pick(this.#steps)();
    return this.#ready.shift() ?? "";
  }

  #say(op: Op): void {
    this.#ready.push(JSON.stringify(op));
  }

  /** Mulberry32: small, and good enough to choose with. */
  #random(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  #below(limit: number): number {
    return Math.floor(this.#random() * limit);
  }

  #pick<T>(list: readonly T[]): T {
    const item = list[this.#below(list.length)];
    if (item === undefined) throw new RangeError("Cannot pick from an empty list");
    return item;
  }

  #id(prefix: string): string {
    this.#made++;
    return `${prefix}${this.#made}`;
  }

  #lladdr(): string {
    return `02:00:00:00:00:${this.#below(256).toString(16).padStart(2, "0")}`;
  }

  #address(family: Family, data: boolean): string {
    const host = 1 + this.#below(60);
    if (family === "v4") return data ? `192.168.1.${host}` : `10.0.0.${host}`;
    return `${data ? "2001" : "fe80"}:0:0:0:0:0:0:${host.toString(16)}`;
  }

  #begin(name: string, families: readonly Family[]): void {
    const group: Interface = { name, families, addresses: { v4: [], v6: [] }, group: undefined };
    this.#groups.push(group);
    const spec = { ill_mactype: MACTYPE_IPMP, ill_type: 1, ill_phys_addr: "", ill_flags: ["MULTICAST"] };
    const ills = Object.fromEntries(
      families.map((family) => [family, { ...spec, ill_mtu: family === "v4" ? 68 : 1280 }]),
    );
    this.#say({ op: "plumb", phyint: name, ifindex: this.#groups.length, ipmp: true, ...ills });
    this.#say({ op: "grp_create", grname: name, phyint: name });
    for (const family of families) {
      this.#say({ op: "illgrp_create", ill: `${name}/${family}` });
      this.#say({ op: "illgrp_link", illgrp: `${name}/${family}`, grp: name });
      this.#say({ op: "ill_set", ill: `${name}/${family}`, ill_dl_up: true });
    }
  }

  #plumb(name: string, families: readonly Family[]): void {
    this.#links.push({ name, families, addresses: { v4: [], v6: [] }, group: undefined });
    const ill_phys_addr = this.#lladdr();
    const spec = { ill_mactype: 4, ill_type: 6, ill_phys_addr, ill_mtu: this.#pick(MTUS), ill_flags: ["MULTICAST"] };
    this.#say({
      op: "plumb",
      phyint: name,
      ifindex: 10 + this.#below(1000),
      ...Object.fromEntries(families.map((f) => [f, spec])),
    });
    this.#say({
      op: "kstat_set",
      name,
      ks_type: "NAMED",
      ks_data: STATISTICS.map((s) => [s, s.endsWith("64") ? "uint64" : "uint32", "7"]),
    });
  }

  /** Something on one ill of one interface. */
  #onIll(interfaces: readonly Interface[], act: (owner: Interface, family: Family, ill: string) => void): void {
    const owner = this.#pick(interfaces);
    const family = this.#pick(owner.families);
    act(owner, family, `${owner.name}/${family}`);
  }

  #refresh(link: Interface): void {
    if (link.group !== undefined) this.#say({ op: "refresh_active", phyint: link.name });
  }

  #changeAddress(owner: Interface, family: Family, data: boolean): void {
    const addresses = owner.addresses[family];
    const chosen = addresses[this.#below(ADDRESSES_MAX)];
    if (chosen === undefined) {
      if (addresses.length >= ADDRESSES_MAX) return;
      const id = this.#id("if");
      const addr = this.#address(family, data);
      this.#say({ op: "ipif_add", ipif: id, ill: `${owner.name}/${family}`, addr, flags: data ? [] : ["NOFAILOVER"] });
      addresses.push({ id, up: false });
    } else if (!chosen.up && this.#below(3) === 0) {
      addresses.splice(addresses.indexOf(chosen), 1);
      this.#say({ op: "ipif_del", ipif: chosen.id });
    } else {
      chosen.up = !chosen.up;
      this.#say({ op: chosen.up ? "ipif_up" : "ipif_down", ipif: chosen.id });
    }
    if (!data && this.#below(2) === 0) this.#refresh(owner);
  }

  readonly #join = (): void => {
    const link = this.#pick(this.#links);
    if (link.group !== undefined) {
      this.#say({ op: "phyint_leave", phyint: link.name });
      link.group = undefined;
      return;
    }
    const group = this.#pick(this.#groups);
    this.#say({ op: "vet_phyint", grp: group.name, phyint: link.name });
    if (!link.families.every((family) => group.families.includes(family))) return;
    link.group = group;
    this.#say({ op: "phyint_join", phyint: link.name, grp: group.name });
    for (const family of link.families) {
      this.#say({ op: "ill_join", ill: `${link.name}/${family}`, illgrp: `${group.name}/${family}` });
    }
  };

  readonly #replace = (): void => {
    const link = this.#pick(this.#links);
    for (const family of link.families) {
      for (const { id, up } of link.addresses[family]) {
        if (up) this.#say({ op: "ipif_down", ipif: id });
        this.#say({ op: "ipif_del", ipif: id });
      }
    }
    this.#say({ op: "unplumb", phyint: link.name });
    this.#links.splice(this.#links.indexOf(link), 1);
    for (let index = this.#neighbours.length - 1; index >= 0; index--) {
      if (this.#neighbours[index]?.owner === link) this.#neighbours.splice(index, 1);
    }
    this.#plumb(link.name, this.#pick([["v4"], ["v6"], ["v4", "v6"]]));
  };

  readonly #flags = (): void => {
    const link = this.#pick(this.#links);
    this.#say({ op: "phyint_flags", phyint: link.name, [this.#below(2) === 0 ? "set" : "clear"]: [this.#pick(FLAGS)] });
    this.#refresh(link);
  };

  readonly #neighbour = (): void => {
    if (this.#neighbours.length > NEIGHBOURS_MAX) {
      const oldest = this.#neighbours.shift();
      if (oldest !== undefined) this.#say({ op: "ncec_del", ncec: oldest.id });
    }
    this.#onIll([...this.#groups, ...this.#links], (owner, family, ill) => {
      const id = this.#id("nc");
      this.#neighbours.push({ id, owner, family });
      const addr = this.#address(family, true);
      this.#say({
        op: "ncec_add",
        ncec: id,
        ill,
        addr,
        lladdr: this.#lladdr(),
        flags: this.#below(2),
        state: this.#pick(ND_STATES),
      });
    });
  };

  readonly #handle = (): void => {
    const known = this.#neighbours[this.#below(NEIGHBOURS_MAX)];
    if (known === undefined) return;
    const { id, owner, family } = known;
    const members = this.#links.filter((link) => link.group === owner && link.families.includes(family));
    for (const { name } of members) this.#say({ op: "nce_add", ill: `${name}/${family}`, ncec: id });
    if (this.#groups.includes(owner)) this.#say({ op: this.#pick(["ncec_fastpath", "ncec_flush_nce"]), ncec: id });
  };

  readonly #route = (): void => {
    if (this.#routes.length > ROUTES_MAX) this.#say({ op: "ire_del", ire: this.#routes.shift() });
    this.#onIll(this.#links, (_owner, _family, ill) => {
      const id = this.#id("ire");
      this.#routes.push(id);
      this.#say({ op: "ire_add", ire: id, ill, ire_type: this.#pick(IRE_TYPES) });
    });
  };

  readonly #arp = (): void => {
    const groups = this.#groups.filter((group) =>
      this.#links.some((link) => link.group === group && link.families.includes("v4")),
    );
    if (groups.length === 0) return;
    const illgrp = `${this.#pick(groups).name}/v4`;
    const addr = this.#address("v4", true);
    this.#say({ op: "arpent_create", illgrp, addr, proxyarp: this.#below(2) === 0, lladdr: this.#lladdr(), flags: 4 });
    this.#say({ op: this.#pick(["arpent_refresh", "arpent_refresh", "arpent_lookup"]), illgrp, addr });
    this.#say({ op: this.#pick(["arpent_destroy", "arpent_mark"]), illgrp, addr: this.#address("v4", true) });
  };

  readonly #traffic = (): void => {
    const { name } = this.#pick(this.#links);
    const stats = STATISTICS.map((s) => [s, s.endsWith("64") ? "uint64" : "uint32", `${this.#below(2 ** 32)}`]);
    this.#say({ op: "kstat_put", name, stats });
    if (this.#below(3) === 0) this.#say({ op: "kstat_read", grp: this.#pick(this.#groups).name });
  };

  readonly #ask = (): void => {
    this.#onIll(this.#groups, (owner, _family, illgrp) => {
      this.#say({ op: this.#pick(["next_ill", "hold_next_ill", "hold_cast_ill", "refresh_mtu"]), illgrp });
      this.#say({ op: "get_xmit_ill", ill: illgrp, is_unicast: this.#below(2) === 0 });
      this.#say({ op: "grp_info", grp: owner.name });
    });
  };

  readonly #time = (): void => {
    if (this.#below(3) === 0)
      this.#say({ op: "fault", point: this.#pick(FAULTS), skip: this.#below(3), count: this.#below(3) });
    this.#say({ op: "clock", secs: this.#below(90) });
  };

  readonly #mtu = (): void => {
    this.#onIll(this.#links, (_owner, _family, ill) => this.#say({ op: "ill_set", ill, ill_mtu: this.#pick(MTUS) }));
  };

  readonly #dataAddress = (): void => {
    this.#onIll(this.#groups, (owner, family) => this.#changeAddress(owner, family, true));
  };

  readonly #testAddress = (): void => {
    this.#onIll(this.#links, (owner, family) => this.#changeAddress(owner, family, false));
  };

  /** In the proportions of the recorded traces, roughly. */
  readonly #steps: readonly (() => void)[] = [
    this.#dataAddress,
    this.#dataAddress,
    this.#dataAddress,
    this.#testAddress,
    this.#testAddress,
    this.#testAddress,
    this.#flags,
    this.#flags,
    this.#join,
    this.#join,
    this.#replace,
    this.#neighbour,
    this.#handle,
    this.#route,
    this.#arp,
    this.#traffic,
    this.#traffic,
    this.#ask,
    this.#time,
    this.#mtu,
  ];
}
