/** The program in the demo: started on the stage, asked through each of its faces, killed. */

import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import { StageError, until } from "./stage.js";

/** @typedef {import("./stage.js").Stage} Stage */

export const GROUP = "uplink";

const CONFIGURATION = `groups:
  - name: ${GROUP}
    interfaces:
      - eth0
      - eth1
      - { device: eth2, standby: true }
`;

/** Columns of ifXTable, ifTable and ipmpGroupTable that the demo asks for. */
const IF_NAME = "1.3.6.1.2.1.31.1.1.1.1";
const SNMP_COLUMNS = [
  { name: "ifOperStatus", column: "1.3.6.1.2.1.2.2.1.8" },
  { name: "ifHCInOctets", column: "1.3.6.1.2.1.31.1.1.1.6" },
  { name: "ifHCOutOctets", column: "1.3.6.1.2.1.31.1.1.1.10" },
];
const OPER_STATUS = ["", "up", "down", "testing", "unknown", "dormant", "notPresent", "lowerLayerDown"];
/** One try and a second: everything is on one machine. */
const SNMP_ACCESS = ["-v2c", "-c", "public", "-t", "1", "-r", "3", "127.0.0.1:1161"];

export class Program {
  /** @type {Stage} */
  #stage;
  #main;
  /** kill -9: it cannot save anything any more. */
  kill = async () => {};
  #log = "";

  /** @param {Stage} stage @param {string} main the compiled program */
  constructor(stage, main) {
    this.#stage = stage;
    this.#main = main;
    writeFileSync(join(stage.folder, "ipmp.yml"), CONFIGURATION);
  }

  /** @param {string} name */
  #file = (name) => join(this.#stage.folder, name);

  /** Starts it, and answers when it is ready. */
  async start() {
    const child = this.#stage.start(
      process.execPath,
      this.#main,
      `--config.file=${this.#file("ipmp.yml")}`,
      `--web.listen-address=unix:${this.#file("web.sock")}`,
      `--control.socket=${this.#file("control.sock")}`,
      `--state.file=${this.#file("state.json")}`,
    );
    this.kill = async () => {
      const exited = once(child, "exit");
      child.kill("SIGKILL");
      await exited;
    };
    child.stderr?.setEncoding("utf8").on("data", (text) => {
      this.#log += text;
    });
    await until("the program should be ready", async () => {
      if (child.exitCode !== null) throw new StageError(`the program has ended:\n${this.#log}`);
      return this.#get("/-/ready").then(
        () => true,
        () => false,
      );
    });
  }

  /** @param {string} path @returns {Promise<string>} */
  #get(path) {
    return new Promise((resolve, reject) => {
      const call = request({ socketPath: this.#file("web.sock"), path, agent: false }, (response) => {
        let body = "";
        response.setEncoding("utf8").on("data", (text) => {
          body += text;
        });
        response.on("end", () => {
          if (response.statusCode === 200) resolve(body);
          else reject(new StageError(`${path} was answered with ${response.statusCode}`));
        });
      });
      call.on("error", reject);
      call.end();
    });
  }

  /** One scrape: samples by name and labels. @returns {Promise<Map<string, string>>} */
  async metrics() {
    const lines = (await this.#get("/metrics")).split("\n").filter((line) => line !== "" && !line.startsWith("#"));
    return new Map(
      lines.map((line) => {
        const space = line.lastIndexOf(" ");
        return [line.slice(0, space), line.slice(space + 1)];
      }),
    );
  }

  /** What the group has carried, as it says itself. @returns {Promise<import("./stage.js").Bytes>} */
  async carried() {
    const samples = await this.metrics();
    /** @param {string} direction */
    const of = (direction) => BigInt(samples.get(`ipmp_group_${direction}_bytes_total{group="${GROUP}"}`) ?? 0);
    return { received: of("receive"), sent: of("transmit") };
  }

  /** Waits until the members are what they should be. @param {Readonly<Record<string, number>>} expected by state */
  async members(expected) {
    await until(`members should be ${JSON.stringify(expected)}`, async () => {
      const samples = await this.metrics();
      return Object.entries(expected).every(
        ([state, count]) => samples.get(`ipmp_group_members{group="${GROUP}",state="${state}"}`) === String(count),
      );
    });
  }

  /** @param {readonly string[]} options @returns {string[]} lines */
  ipmpstat(...options) {
    const socket = `--control.socket=${this.#file("control.sock")}`;
    return this.#stage
      .run(process.execPath, this.#main, "ipmpstat", ...options, socket)
      .trimEnd()
      .split("\n");
  }

  /** The group's row in IF-MIB; undefined when nobody can ask. @returns {Map<string, string> | undefined} */
  snmp() {
    try {
      const names = this.#stage.run("snmpbulkwalk", "-OQn", ...SNMP_ACCESS, IF_NAME);
      const index = new RegExp(`\\.(\\d+) = "?${GROUP}"?$`, "m").exec(names)?.[1];
      if (index === undefined) return undefined;
      const wanted = SNMP_COLUMNS.map(({ column }) => `${column}.${index}`);
      const values = this.#stage
        .run("snmpget", "-OQevU", ...SNMP_ACCESS, ...wanted)
        .trimEnd()
        .split("\n");
      return new Map([
        ["ifIndex", index],
        ...SNMP_COLUMNS.map(({ name }, at) => /** @type {[string, string]} */ ([name, values[at] ?? ""])),
      ]);
    } catch {
      return undefined;
    }
  }
}

/** @param {string | undefined} number of IF-MIB */
export const operStatus = (number) => OPER_STATUS[Number(number)] ?? `${number}`;
