/**
 * Network cards of the machine: two with two ports each, of differing speed, as functions of one PCI device (a multifunction device), and at
 * the far end one port for each. Their driver is loaded when a scenario wants them, and removed after it.
 */

import { partner, SWITCH_A, SWITCH_B } from "./lacp.ts";
import { type Command, enslave, FAR, far, near, type Scenario, shell } from "./scenario.ts";

interface Port {
  /** PCI slot and function on bus 0. */
  readonly slot: number;
  readonly pciFunction: number;
  readonly megabits: number;
}

/** In the order of the PCI bus, in which the kernel names them eth0 … */
const PORTS: readonly Port[] = [
  { slot: 5, pciFunction: 0, megabits: 1_000 },
  { slot: 5, pciFunction: 1, megabits: 10_000 },
  { slot: 6, pciFunction: 0, megabits: 10_000 },
  { slot: 6, pciFunction: 1, megabits: 10_000 },
];
const FAR_SLOT = 7;
const FIRST_CARD = "card 0000:00:05";
const SECOND_CARD = "card 0000:00:06";

/** For qemu: each port on a hub of its own with the one at the far end. */
export function cardOptions(): string[] {
  return PORTS.flatMap(({ slot, pciFunction, megabits }, n) => [
    ...portOptions(`near${n}`, n, `${slot}.${pciFunction}`, megabits),
    ...portOptions(`far${n}`, n, `${FAR_SLOT}.${n}`, megabits),
  ]);
}

function portOptions(name: string, hub: number, address: string, megabits: number): string[] {
  const device = `virtio-net-pci,netdev=${name},addr=${address},multifunction=on,speed=${megabits},duplex=full,romfile=`;
  return ["-netdev", `hubport,id=${name},hubid=${hub}`, "-device", device];
}

/** Modules of the cards' driver, in the order in which they can be loaded. */
export const CARD_MODULES = [
  ...["virtio_ring", "virtio", "virtio_pci_modern_dev", "virtio_pci_legacy_dev", "virtio_pci"],
  ...["failover", "net_failover", "virtio_net"],
] as const;
/** The last of them is the one that makes links. */
export const CARD_DRIVER = "virtio_net";

/** eth0 … here, each with its other end p0 … in the namespace of the other end; those are up. */
function cabledCards(): Command[] {
  const load = CARD_MODULES.map(
    (name) => `[ ! -e /modules/${name}.ko ] || [ -e /sys/module/${name} ] || insmod /modules/${name}.ko`,
  );
  const ports = PORTS.map((_, n) => n);
  return [
    shell(...load),
    near(...ports.map((n) => `link set eth${PORTS.length + n} netns ${FAR} name p${n}`)),
    far(...ports.map((n) => `link set p${n} up`)),
  ];
}

function bond(options: string, ...devices: readonly string[]): Command {
  return near(
    `link add bond0 type bond miimon 100 ${options}`,
    ...enslave("bond0", ...devices),
    ...["link set bond0 up", "address add 10.9.0.1/24 dev bond0"],
  );
}

const NO_BOND = near("link delete bond0");

const SPEEDS: Scenario = {
  name: "cards of 1 and 10 Gb/s",
  steps: [
    {
      name: "the slower one is in use",
      run: [...cabledCards(), bond("mode active-backup", "eth0", "eth1")],
      kernel: "bond0 up: eth0 active up, eth1 backup up",
      program: "bond0 ok: eth0 active, eth1 inactive (backup)",
      fate: `bond0 shares ${FIRST_CARD}, driver virtio_net; survives link, not card, not driver`,
    },
    {
      name: "and then the faster one",
      run: [near("link set eth0 down")],
      foretold: ["eth0"],
      kernel: "bond0 up: eth0 backup down, eth1 active up",
      program: "bond0 degraded: eth0 offline (administratively down), eth1 active",
    },
    {
      name: "traffic is spread over both",
      run: [NO_BOND, bond("mode balance-xor", "eth0", "eth1")],
      kernel: "bond0 up: eth0 active up, eth1 active up",
      program: "bond0 ok: eth0 active, eth1 active",
    },
    {
      name: "the faster one is lost",
      run: [near("link set eth1 down")],
      foretold: ["eth1"],
      kernel: "bond0 up: eth0 active up, eth1 active down",
      program: "bond0 degraded: eth0 active, eth1 offline (administratively down)",
    },
    {
      name: "LACP puts links of two speeds into two aggregators",
      run: [NO_BOND, bond("mode 802.3ad lacp_rate fast", "eth0", "eth1"), partner("bond9", SWITCH_A, 0, 1)],
      kernel: "bond0 up: eth0 active up, eth1 backup up elsewhere",
      program: "bond0 degraded: eth0 active, eth1 failed (its LACP partner is not in sync)",
    },
  ],
};

const FATE: Scenario = {
  name: "cards and what fails together",
  steps: [
    {
      name: "both slaves are ports of one card",
      run: [...cabledCards(), bond("mode active-backup", "eth0", "eth1")],
      kernel: "bond0 up: eth0 active up, eth1 backup up",
      program: "bond0 ok: eth0 active, eth1 inactive (backup)",
      fate: `bond0 shares ${FIRST_CARD}, driver virtio_net; survives link, not card, not driver`,
    },
    {
      name: "a port of the other card comes",
      run: [near(...enslave("bond0", "eth2"))],
      kernel: "bond0 up: eth0 active up, eth1 backup up, eth2 backup up",
      program: "bond0 ok: eth0 active, eth1 inactive (backup), eth2 inactive (backup)",
      fate: "bond0 shares driver virtio_net; survives link, card, not driver",
    },
    {
      name: "it is set down: what works is on one card again",
      run: [near("link set eth2 down")],
      foretold: ["card=0000:00:06"],
      kernel: "bond0 up: eth0 active up, eth1 backup up, eth2 backup down",
      program: "bond0 degraded: eth0 active, eth1 inactive (backup), eth2 offline (administratively down)",
      fate: `bond0 shares ${FIRST_CARD}, driver virtio_net; survives link, not card, not driver`,
    },
    {
      name: "two cards, and LACP with one switch",
      run: [NO_BOND, bond("mode 802.3ad lacp_rate slow", "eth1", "eth2"), partner("bond9", SWITCH_A, 1, 2)],
      kernel: "bond0 up: eth1 active up, eth2 active up",
      program: "bond0 ok: eth1 active, eth2 active",
      fate: `bond0 shares driver virtio_net, switch ${SWITCH_A}; survives link, card, not switch, not driver`,
    },
    {
      name: "two cards, of which one leads to a switch that has not bundled its port",
      run: [
        ...[NO_BOND, far("link delete bond9"), bond("mode 802.3ad lacp_rate fast", "eth1", "eth2")],
        ...[partner("bond9", SWITCH_A, 1), far("link set p2 up")],
      ],
      kernel: "bond0 up: eth1 active up, eth2 backup up elsewhere",
      program: "bond0 degraded: eth1 active, eth2 failed (no LACP partner)",
      fate: "bond0 shares nothing; survives not link, not card, not switch, not driver",
    },
    {
      name: "it has bundled it: two cards, and LACP with two switches, the second a standby",
      run: [partner("bond8", SWITCH_B, 2)],
      kernel: "bond0 up: eth1 active up, eth2 backup up elsewhere",
      program: `bond0 ok: eth1 active, eth2 inactive (aggregator 2 of partner ${SWITCH_B}, active is 1)`,
      asNobody: "bond0 ok: eth1 active, eth2 inactive (aggregator 2, active is 1)",
      fate: "bond0 shares driver virtio_net; survives link, card, switch, not driver",
      fateAsNobody: "bond0 shares driver virtio_net; survives link, card, not driver",
    },
    {
      name: "one card, and LACP with one switch",
      run: [
        ...[
          NO_BOND,
          far("link delete bond9", "link delete bond8"),
          bond("mode 802.3ad lacp_rate fast", "eth2", "eth3"),
        ],
        partner("bond9", SWITCH_A, 2, 3),
      ],
      kernel: "bond0 up: eth2 active up, eth3 active up",
      program: "bond0 ok: eth2 active, eth3 active",
      fate: `bond0 shares ${SECOND_CARD}, driver virtio_net, switch ${SWITCH_A}; survives link, not card, not switch, not driver`,
    },
  ],
};

const PULLED: Scenario = {
  name: "cards of which one is lost",
  steps: [
    {
      name: "a bond of a port of each",
      run: [...cabledCards(), bond("mode active-backup", "eth1", "eth2")],
      kernel: "bond0 up: eth1 active up, eth2 backup up",
      program: "bond0 ok: eth1 active, eth2 inactive (backup)",
    },
    {
      name: "one falls off its bus",
      run: [shell("echo 1 >/sys/bus/pci/devices/0000:00:05.1/remove")],
      foretold: ["card=0000:00:05"],
      kernel: "bond0 up: eth2 active up",
      program: "bond0 degraded: eth2 active, eth1 missing",
      fate: "bond0 shares nothing; survives not link, not card, not driver",
    },
    {
      name: "it is found again and enslaved",
      run: [shell("echo 1 >/sys/bus/pci/rescan"), near(...enslave("bond0", "eth1"))],
      kernel: "bond0 up: eth1 backup up, eth2 active up",
      program: "bond0 ok: eth1 inactive (backup), eth2 active",
      fate: "bond0 shares driver virtio_net; survives link, card, not driver",
    },
  ],
};

function vlans(parent: string, ...ids: readonly number[]): string[] {
  return ids.map((id) => `link add link ${parent} name ${parent}.${id} type vlan id ${id}`);
}

const VLANS: Scenario = {
  name: "VLANs of cards",
  steps: [
    {
      name: "both members are VLANs of one port",
      run: [
        ...cabledCards(),
        near("link set eth0 up", "link set eth2 up", ...vlans("eth0", 10, 20), ...vlans("eth2", 20)),
        bond("mode active-backup", "eth0.10", "eth0.20"),
      ],
      kernel: "bond0 up: eth0.10 active up, eth0.20 backup up",
      program: "bond0 ok: eth0.10 active, eth0.20 inactive (backup)",
      fate: `bond0 shares ${FIRST_CARD}, driver virtio_net, link eth0; survives not link, not card, not driver`,
    },
    {
      name: "one is a VLAN of the other card",
      run: [near("link set eth0.20 nomaster", ...enslave("bond0", "eth2.20"))],
      kernel: "bond0 up: eth0.10 active up, eth2.20 backup up",
      program: "bond0 ok: eth0.10 active, eth2.20 inactive (backup)",
      fate: "bond0 shares driver virtio_net; survives link, card, not driver",
    },
    {
      name: "the first card falls off its bus, and its VLANs with it",
      run: [shell("echo 1 >/sys/bus/pci/devices/0000:00:05.0/remove")],
      foretold: ["card=0000:00:05"],
      kernel: "bond0 up: eth2.20 active up",
      program: "bond0 degraded: eth2.20 active, eth0.10 missing",
    },
  ],
};

/** The last one leaves a card less. */
export const CARD_SCENARIOS: readonly Scenario[] = [SPEEDS, FATE, PULLED, VLANS];
