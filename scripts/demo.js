#!/usr/bin/env node
/**
 * IPMP in a minute, on real links: npm run demo
 *
 * Makes a host with three links in network namespaces, sends traffic, breaks things, and prints what each face of the program
 * says beside what the kernel's own counters add up to. Needs root and iproute2, touches nothing outside of its namespaces,
 * and takes everything away again, also after Ctrl-C. Exit status: 0 all numbers agreed, 1 they did not or something is
 * missing, 2 usage.
 */

import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { Ledger, sum } from "./demo/ledger.js";
import { GROUP, operStatus, Program } from "./demo/program.js";
import { lack } from "./demo/requirements.js";
import { LINKS, Stage, StageError } from "./demo/stage.js";
import { bad, bold, digits, dim, face, good, heading, say, waiting } from "./demo/terminal.js";

/** @typedef {import("./demo/stage.js").Link} Link */

const MAIN = fileURLToPath(new URL("../dist/main.js", import.meta.url));

const USAGE = `usage: node scripts/demo.js [--fast]

Makes network namespaces, links and traffic, breaks them, and prints what ipmp-exporter says. Needs root and iproute2.

  --fast  do not wait for a reader: a few seconds instead of a minute`;

/** How long traffic flows in each step. */
const FLOW_MS = { fast: 300, told: 4_500 };
/** How long a step stays on the screen before the next. */
const READ_MS = { fast: 0, told: 3_500 };

/** @param {number} milliseconds @returns {Promise<void>} */
const wait = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

class Demo {
  /** @type {"fast" | "told"} */
  #pace;
  #stage = new Stage();
  #program = new Program(this.#stage, MAIN);
  #ledger = new Ledger();
  #step = 0;
  #canSnmp = spawnSync("snmpget", ["-V"], { stdio: "ignore" }).error === undefined;
  /** Sum over the links that were there after the last step. @type {bigint | undefined} */
  #before;
  /** Steps after which the program and the kernel did not agree. */
  differences = 0;

  /** @param {"fast" | "told"} pace */
  constructor(pace) {
    this.#pace = pace;
  }

  /** @param {string} title @param {readonly string[]} story */
  #heading(title, ...story) {
    heading(++this.#step, title, story);
  }

  /** Traffic over these links for a while, and then none. @param {readonly Link[]} links */
  async #flow(...links) {
    this.#stage.send(links);
    const before = sum(this.#stage.counters().values());
    const moved = () => `${digits(sum(this.#stage.counters().values()).sent - before.sent)} bytes`;
    await waiting(`traffic over ${links.join(" and ")}`, wait(FLOW_MS[this.#pace]), moved);
    await this.#stage.hold();
  }

  /** What everybody says, while nothing moves. */
  async #faces() {
    const truth = this.#ledger.carried(this.#stage.counters());
    const samples = await this.#program.metrics();
    const said = await this.#program.carried();
    const g = this.#program.ipmpstat("-g");
    const i = this.#program.ipmpstat("-i");
    face("ipmpstat -g", g);
    face("ipmpstat -i", i);
    face("/metrics", metricLines(samples));
    face("SNMP", await this.#snmpLines(said.sent));
    const agreed = truth.received === said.received && truth.sent === said.sent;
    if (!agreed) this.differences++;
    const links = sum(this.#stage.counters().values()).sent;
    const fell =
      this.#before !== undefined && links < this.#before ? bad(`: it fell by ${digits(this.#before - links)}`) : "";
    this.#before = links;
    face("bytes sent", [
      `${digits(said.sent).padStart(13)}  the group says`,
      `${digits(truth.sent).padStart(13)}  the kernel's counters of its members add up to  ${agreed ? good("the same") : bad("NOT the same")}`,
      `${dim(`${digits(links).padStart(13)}  sum over the links that are there now, as dashboards do it`)}${fell}`,
    ]);
    if (!agreed) face("received", [`${digits(said.received)} said, ${digits(truth.received)} carried`]);
    await wait(READ_MS[this.#pace]);
  }

  /** The agent answers from a reading that may be a second old. @param {bigint} sent what it has to come to */
  async #snmpLines(sent) {
    if (!this.#canSnmp) return [dim("not asked: there is no snmpget here (Debian package snmp)")];
    let row = this.#program.snmp();
    for (let tries = 0; tries < 20 && row?.get("ifHCOutOctets") !== String(sent); tries++) {
      await wait(100);
      row = this.#program.snmp();
    }
    if (row === undefined) return [bad("no answer")];
    const [index, status] = [row.get("ifIndex"), operStatus(row.get("ifOperStatus"))];
    return [`ifName.${index} ${GROUP}  ifOperStatus ${status}  ifHCOutOctets ${row.get("ifHCOutOctets")}`];
  }

  async play() {
    const stage = this.#stage;
    say(bold("ipmp-exporter: what a group of links has carried, to the byte, whatever happens to the links"));
    say("Links are real (veth, in network namespaces of this demo's own); moving the traffic is the demo's part.");
    stage.set();
    for (const link of LINKS) await stage.connect(link);
    await stage.begin();

    this.#heading(
      "Three links, one group",
      "eth0 and eth1 carry traffic, eth2 is their standby. They have carried some before we look:",
      "that is not the group's. Now the program starts.",
    );
    await this.#flow("eth0", "eth1");
    for (const [link, reading] of stage.counters()) this.#ledger.join(link, reading);
    await waiting("starting the program", this.#program.start());
    await this.#program.members({ active: 2, inactive: 1 });
    await this.#flow("eth0", "eth1");
    await this.#faces();

    this.#heading(
      "eth0 loses its cable",
      "The standby takes its place. The group is degraded: it works, and the spare is used up.",
    );
    await stage.cut("eth0");
    await this.#program.members({ active: 2, failed: 1 });
    await this.#flow("eth1", "eth2");
    await this.#faces();

    this.#heading("The cable is back", "eth0 is used again, and eth2 rests.");
    await stage.mend("eth0");
    await this.#program.members({ active: 2, inactive: 1 });
    await this.#flow("eth0", "eth1");
    await this.#faces();

    this.#heading(
      "eth1 is deleted, and made again under its name",
      "As a driver does that is loaded anew. Its counters begin at zero, so a sum over links falls;",
      "the group keeps what the old eth1 carried. Only its present members have series of their own.",
    );
    const last = stage.counters().get("eth1");
    stage.remove("eth1");
    this.#ledger.leave("eth1", last);
    await this.#program.members({ active: 2, inactive: 0 });
    await stage.connect("eth1");
    this.#ledger.join("eth1");
    await this.#program.members({ active: 2, inactive: 1 });
    await this.#faces(); // before there is traffic, which on a busy machine may be more than the old eth1 has carried

    this.#heading(
      "The program is killed, and started again",
      "kill -9, so that it can save nothing. Traffic goes on while nobody counts.",
    );
    await this.#program.kill();
    await this.#flow("eth0", "eth1");
    await waiting("starting the program", this.#program.start());
    await this.#program.members({ active: 2, inactive: 1 });
    await this.#faces();

    await this.#conclude();
  }

  async #conclude() {
    const said = await this.#program.carried();
    const truth = this.#ledger.carried(this.#stage.counters());
    const total = said.received + said.sent;
    const added = truth.received + truth.sent;
    const verdict = total === added ? good("To the byte.") : bad(`They differ by ${digits(total - added)}.`);
    say();
    say(
      `${bold(`The group carried ${digits(total)} bytes; its members' own counters add up to ${digits(added)}.`)} ${verdict}`,
    );
    say("Next: npm start, and open http://localhost:10191/. docs/DEMO.md explains what you saw.");
  }

  clear() {
    this.#stage.clear();
  }
}

/** The lines of a scrape that the story is about. @param {ReadonlyMap<string, string>} samples */
function metricLines(samples) {
  const state = ["ok", "degraded", "failed"].find(
    (name) => samples.get(`ipmp_group_state{group="${GROUP}",state="${name}"}`) === "1",
  );
  const wanted = [
    `ipmp_group_state{group="${GROUP}",state="${state}"}`,
    `ipmp_group_failovers_total{group="${GROUP}"}`,
    `ipmp_group_transmit_bytes_total{group="${GROUP}"}`,
    ...LINKS.map((link) => `ipmp_member_transmit_bytes_total{group="${GROUP}",device="${link}"}`),
  ];
  const width = Math.max(...wanted.map((name) => name.length)) + 1;
  return wanted.filter((name) => samples.has(name)).map((name) => `${name.padEnd(width)}${samples.get(name)}`);
}

/** @param {readonly string[]} args @returns {Promise<number>} exit status */
async function main(args) {
  const unknown = args.find((arg) => !["--fast", "--help", "-h"].includes(arg));
  if (unknown !== undefined) {
    console.error(`demo: unknown argument "${unknown}"; it takes --fast`);
    return 2;
  }
  if (args.includes("--help") || args.includes("-h")) {
    say(USAGE);
    return 0;
  }
  const missing = lack(MAIN);
  if (missing !== undefined) {
    console.error(`demo: it needs ${missing.what}.\n      ${missing.remedy}`);
    return 1;
  }
  const demo = new Demo(args.includes("--fast") ? "fast" : "told");
  process.on("exit", () => demo.clear());
  for (const [signal, status] of /** @type {const} */ ([
    ["SIGINT", 130],
    ["SIGTERM", 143],
    ["SIGHUP", 129],
  ])) {
    process.on(signal, () => {
      say(`\ndemo: ${signal}: clearing up`);
      process.exit(status);
    });
  }
  try {
    await demo.play();
  } catch (error) {
    if (!(error instanceof StageError)) throw error;
    console.error(`demo: ${error.message}${remedyOf(error)}`);
    return 1;
  } finally {
    demo.clear();
  }
  return demo.differences === 0 ? 0 : 1;
}

/** @param {StageError} error */
function remedyOf({ message }) {
  if (/netns|Operation not permitted|mount/.test(message)) {
    return "\n      Network namespaces cannot be made here. In a container, run it with --privileged, or use a machine or a virtual one.";
  }
  if (/type veth|Unknown device type|not supported/.test(message)) {
    return "\n      Virtual Ethernet links cannot be made here: the kernel lacks the module veth. Try: modprobe veth";
  }
  return "";
}

process.exitCode = await main(process.argv.slice(2));
