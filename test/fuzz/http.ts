/** Requests of HTTP/1.1 as octets, right ones and changed ones, to the server that ships; a proper client is answered in between. */

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { request } from "node:http";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createWeb, type Web } from "#src/web/web.js";
import { aWorld, optionsOf, type World } from "../web/client.ts";
import { changed, corpus, type FuzzTarget, type Random } from "./target.ts";

/** Inputs between two proper requests. */
const PROPER_EVERY = 50;
/** What an answer begins with, or nothing at all. */
const STATUS_LINE = /^(?:HTTP\/1\.1 [1-5]\d\d [^\r\n]*\r\n|$)/;

export class HttpTarget implements FuzzTarget {
  readonly #originals = corpus("http").map(([, bytes]) => bytes);
  readonly #folder = mkdtempSync(join(tmpdir(), "ipmp-exporter-fuzz-"));
  readonly #socket = join(this.#folder, "web.sock");
  readonly #world: World = aWorld();
  #web: Web | undefined;
  #taken = 0;
  #answered = 0;

  make(random: Random): Uint8Array {
    return changed(this.#originals, random);
  }

  async take(input: Uint8Array): Promise<void> {
    await this.#start();
    const answer = await this.#send(input);
    assert.match(answer.slice(0, 200), STATUS_LINE);
    // "/-/reload" may fail by what the world of the test says; an exception of ours is in the log.
    assert.deepEqual(
      this.#world.log.filter(({ level }) => level === "error"),
      [],
    );
    if (answer !== "") this.#answered++;
    if (++this.#taken % PROPER_EVERY === 0) assert.equal(await this.#proper(), 200);
  }

  summary(): string {
    return `${this.#answered} answered`;
  }

  async close(): Promise<void> {
    await this.#web?.close(0);
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #start(): Promise<void> {
    if (this.#web !== undefined) return;
    this.#web = createWeb(optionsOf(this.#world));
    await this.#web.listen([], this.#socket);
  }

  /** What comes back, as far as it comes before the server or our own half of the connection ends it. */
  #send(input: Uint8Array): Promise<string> {
    return new Promise((resolve) => {
      let answer = "";
      const socket = connect(this.#socket);
      socket.setEncoding("latin1").on("data", (text: string) => {
        answer += text;
        if (answer.includes("event: history")) socket.destroy(); // a stream does not end by itself
      });
      socket.on("error", () => {}); // a connection that is reset is an answer too
      socket.on("close", () => resolve(answer));
      socket.end(input);
    });
  }

  #proper(): Promise<number | undefined> {
    return new Promise((resolve, reject) => {
      const sent = request({ socketPath: this.#socket, path: "/metrics", agent: false }, (response) => {
        response.resume().on("end", () => resolve(response.statusCode));
      });
      sent.on("error", reject).end();
    });
  }
}
