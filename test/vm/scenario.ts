/** A story about links, told in steps: what is done, what the kernel then says, and what the program is to say. */

export interface Scenario {
  readonly name: string;
  /** What is there already; of the first scenario, before the program starts. */
  readonly before?: readonly Command[];
  readonly steps: readonly Step[];
}

export interface Step {
  /** What happens, as a sentence about the world. */
  readonly name: string;
  readonly run: readonly Command[];
  /** What that takes away, as `--without` names it: what the program says before of how it would be without these, it has to say in the end. */
  readonly foretold?: readonly string[];
  /** What the kernel says in the end, in the words of kernel-view.ts: without it the step would prove nothing. */
  readonly kernel: string;
  /** What the program says then, in the words of program-view.ts. */
  readonly program: string;
  /** What it says as nobody, without any capability, where that is something else. */
  readonly asNobody?: string;
  /** What it says of what its members have in common, in the words of program-view.ts; not looked at where it is left out. */
  readonly fate?: string;
  /** The same as nobody, where that is something else. */
  readonly fateAsNobody?: string;
  /** What the program tells as events, in their order; not looked at where it is left out. */
  readonly events?: readonly string[];
  /** What a line of its log has. */
  readonly log?: string;
}

/** Lines for ip(8), in the namespace of the machine or in that of the other end; for tc(8) there; or for the shell here. */
export interface Command {
  readonly where: "near" | "far" | "tc" | "shell";
  readonly lines: readonly string[];
}

export function near(...lines: readonly string[]): Command {
  return { where: "near", lines };
}

export function far(...lines: readonly string[]): Command {
  return { where: "far", lines };
}

export function tc(...lines: readonly string[]): Command {
  return { where: "tc", lines };
}

export function shell(...lines: readonly string[]): Command {
  return { where: "shell", lines };
}

/** What came of a step. */
export interface Outcome {
  readonly scenario: string;
  readonly step: string;
  readonly kernel: string;
  readonly program: string;
  readonly asNobody: string;
  /** Of a step that asks for it. */
  readonly fate?: string;
  readonly fateAsNobody?: string;
  readonly events: readonly string[];
  /** "bond0 1000, eth0 1000", in Mb/s: what both say of the bonds and of their slaves with carrier. */
  readonly speeds: string;
  /** Where counters, speeds, events or MIB tables disagree with the kernel, and commands that failed; empty when all is well. */
  readonly faults: readonly string[];
  readonly seconds: number;
}

/** The namespace of the other end. */
export const FAR = "far";

/** Cables: d0 … here, each with its other end p0 … in the namespace of the other end; all of them down. */
export function cables(...numbers: readonly number[]): Command[] {
  return [near(...numbers.map((n) => `link add d${n} type veth peer name p${n} netns ${FAR}`))];
}

/** Links are enslaved while they are down: a bond takes no others in every mode. */
export function enslave(bond: string, ...devices: readonly string[]): string[] {
  return devices.flatMap((device) => [`link set ${device} down`, `link set ${device} master ${bond}`]);
}

/** A bond here with an address, and at the other end a switch with one that answers. */
export function bondToSwitch(options: string, ...numbers: readonly number[]): Command[] {
  return [
    ...cables(...numbers),
    far("link add br0 type bridge", "link set br0 up", "address add 10.9.0.2/24 dev br0"),
    far(...numbers.flatMap((n) => [`link set p${n} master br0`, `link set p${n} up`])),
    near(`link add bond0 type bond ${options}`, ...enslave("bond0", ...numbers.map((n) => `d${n}`))),
    near("link set bond0 up", "address add 10.9.0.1/24 dev bond0"),
  ];
}
