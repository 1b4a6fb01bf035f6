/** A web configuration that changes while it is in force: what is taken over, and what lets nobody in. */

import assert from "node:assert/strict";
import {
  copyFileSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, type TestContext, test } from "node:test";
import { connect } from "node:tls";
import { createWeb } from "#src/web/web.js";
import { httpAddresses } from "../support/net-address.ts";
import { root } from "../support/root.ts";
import { ask, aWorld, folder, optionsOf, until, type World } from "./client.ts";

/** bcrypt of "open sesame", cost 4. */
const ALI = "$2b$04$WFjHgpNDBsvW8tJbvlSZEuBKn.p/nAXKR.YFYu3Y2nKnKQW1Sizum";
const pem = (name: string): string => root("test", "web", "certificates", name);
const USERS = `basic_auth_users:\n  ali: "${ALI}"\n  bob: "${ALI}"\n`;
const PASSWORD = { Authorization: `Basic ${Buffer.from("ali:open sesame").toString("base64")}` };

interface Running {
  readonly port: number;
  readonly world: World;
  readonly path: string;
  readonly file: string;
}

async function running(context: TestContext, yaml: string): Promise<Running> {
  const path = folder(context);
  for (const name of ["server.crt", "server.key", "ca.crt"]) copyFileSync(pem(name), join(path, name));
  const file = join(path, "web.yml");
  writeFileSync(file, yaml);
  const world = aWorld();
  const web = createWeb({ ...optionsOf(world), webConfigFile: file, exporterMetrics: true, limits: UNHURRIED });
  context.after(() => web.close(0));
  const [address = ""] = await web.listen(httpAddresses("127.0.0.1:0"));
  return { port: Number(address.split(":")[1]), world, path, file };
}

/** For clients that connect as fast as they can. */
const UNHURRIED = { openingsOfOne: { intervalMs: 1, burst: 1_000_000 } };

const errors = ({ log }: World) => log.filter(({ level }) => level === "error");

describe("a web configuration in the making", () => {
  test("lets nobody in, however it is written", async (context) => {
    const { port, file, world } = await running(context, `${USERS}http_server_config: { http2: no }\n`);
    const whole = readFileSync(file, "utf8");
    let open = 0;
    let done = false;
    const asking = (async () => {
      while (!done) if ((await ask({ port, path: "/-/healthy" })).status !== 401) open++;
    })();
    for (let length = 0; length < whole.length; length += 7) {
      writeFileSync(file, whole.slice(0, length));
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
    truncateSync(file, 0);
    await until(() => errors(world).length > 0, "the log says that the users are missing");
    writeFileSync(file, whole);
    await until(async () => {
      const { status, text } = await ask({ port, path: "/metrics", headers: PASSWORD });
      return status === 200 && /^ipmp_web_config_last_reload_successful 1$/m.test(text);
    }, "the users again");
    done = true;
    await asking;
    assert.equal(open, 0);
  });

  for (const [what, text] of [
    ["nothing", ""],
    ["a comment", "# users follow\n"],
    ["a key whose users are missing", "basic_auth_users:\n"],
    ["other keys", "http_server_config: { http2: no }\n"],
    ["an alias of nothing", "basic_auth_users: *word\n"],
    ["TLS, which needs a restart", `${USERS}tls_server_config: { cert_file: server.crt, key_file: server.key }\n`],
  ] as const) {
    test(`is refused where there were users: ${what}`, async (context) => {
      const { port, file, world } = await running(context, USERS);
      writeFileSync(file, text);
      await until(() => errors(world).length > 0, "the log says what is wrong");
      assert.equal((await ask({ port, path: "/metrics" })).status, 401);
      const { status, text: metrics } = await ask({ port, path: "/metrics", headers: PASSWORD });
      assert.equal(status, 200);
      assert.match(metrics, /^ipmp_web_config_last_reload_successful 0$/m);
    });
  }

  for (const [what, change] of [
    ["a folder", (file) => mkdirSync(file)],
    ["gone", () => {}],
    ["a link to nothing", (file) => symlinkSync("nowhere", file)],
    ["a link to itself", (file) => symlinkSync("web.yml", file)],
    ["endless", (file) => symlinkSync("/dev/zero", file)],
    ["no text", (file) => writeFileSync(file, Buffer.from([0xff, 0xfe, 0x00]))],
    ["huge", (file) => writeFileSync(file, "#".repeat(3_000_000))],
    ["without permission", (file) => writeFileSync(file, "{}", { mode: 0 })],
  ] as const satisfies readonly (readonly [string, (file: string) => unknown])[]) {
    test(`is an error and no more when it is ${what}`, async (context) => {
      const { port, file, world } = await running(context, USERS);
      rmSync(file);
      change(file);
      await until(() => errors(world).length > 0, "the log says what is wrong");
      assert.equal((await ask({ port, path: "/metrics" })).status, 401);
      assert.equal((await ask({ port, path: "/metrics", headers: PASSWORD })).status, 200);
      rmSync(file, { recursive: true, force: true });
      writeFileSync(file, "basic_auth_users: {}");
      await until(async () => (await ask({ port, path: "/metrics" })).status === 200, "the next good one");
    });
  }

  test("that would ask clients for less has to say so", async (context) => {
    const pair = "  cert_file: server.crt\n  key_file: server.key\n";
    const rules = "  client_ca_file: ca.crt\n  client_auth_type: RequireAndVerifyClientCert\n";
    const { file, world } = await running(context, `tls_server_config:\n${pair}${rules}`);
    writeFileSync(file, `tls_server_config:\n${pair}`);
    await until(() => errors(world).length > 0, "the log says what is missing");
    assert.match(String(errors(world)[0]?.fields["error"]), /client_auth_type/);
    writeFileSync(file, `tls_server_config:\n${pair}  client_auth_type: NoClientCert\n`);
    await until(() => world.log.some(({ message }) => message === "web configuration reloaded"), "it is taken");
  });
});

/** The name of the certificate that is served, or undefined when there is no handshake. */
function served(port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: "127.0.0.1", rejectUnauthorized: false }, () => {
      resolve(socket.getPeerX509Certificate()?.subject);
      socket.destroy();
    });
    socket.on("error", () => resolve(undefined));
  });
}

describe("certificates that are renewed", () => {
  const TLS = "tls_server_config: { cert_file: live/tls.crt, key_file: live/tls.key }\n";

  /** A folder for each pair, as a Kubernetes secret has them, and the way to make one of them the live one. */
  const WAYS: Readonly<Record<string, (path: string, name: string) => void>> = {
    "written in place": (path, name) => {
      for (const part of ["crt", "key"])
        writeFileSync(join(path, "live", `tls.${part}`), readFileSync(pem(`${name}.${part}`)));
    },
    "renamed over": (path, name) => {
      for (const part of ["key", "crt"]) {
        copyFileSync(pem(`${name}.${part}`), join(path, "new"));
        renameSync(join(path, "new"), join(path, "live", `tls.${part}`));
      }
    },
    "swapped by a link": (path, name) => {
      mkdirSync(join(path, name), { recursive: true });
      for (const part of ["crt", "key"]) copyFileSync(pem(`${name}.${part}`), join(path, name, `tls.${part}`));
      rmSync(join(path, "next"), { force: true });
      symlinkSync(name, join(path, "next"));
      renameSync(join(path, "next"), join(path, "live"));
    },
  };

  /** `ROTATIONS=100 npm test -- web-config-reload` makes three hundred of them. */
  const { ROTATIONS: asked } = process.env;
  const ROTATIONS = Number(asked ?? 12);

  for (const [way, renew] of Object.entries(WAYS)) {
    test(`are served, every one, and no handshake fails meanwhile: ${way}`, async (context) => {
      const path = folder(context);
      if (way === "swapped by a link") symlinkSync("server", join(path, "live"));
      else mkdirSync(join(path, "live"));
      renew(path, "server");
      writeFileSync(join(path, "web.yml"), TLS);
      const web = createWeb({ ...optionsOf(aWorld()), webConfigFile: join(path, "web.yml"), limits: UNHURRIED });
      context.after(() => web.close(0));
      const [address = ""] = await web.listen(httpAddresses("127.0.0.1:0"));
      const port = Number(address.split(":")[1]);
      let failed = 0;
      let done = false;
      const connecting = Array.from({ length: 4 }, async () => {
        while (!done) if ((await served(port)) === undefined) failed++;
      });
      for (let count = 0; count < ROTATIONS; count++) {
        const name = count % 2 === 0 ? "renewed" : "server";
        renew(path, name);
        await until(async () => (await served(port)) === `CN=${name}`, `certificate ${count} to be served`);
      }
      done = true;
      await Promise.all(connecting);
      assert.equal(failed, 0);
    });
  }

  test("are not given up for files that are empty or gone, and the metric says until when they hold", async (context) => {
    const { port, path, world } = await running(
      context,
      "tls_server_config: { cert_file: server.crt, key_file: server.key }\n",
    );
    truncateSync(join(path, "server.crt"), 0);
    await until(() => errors(world).length === 1, "the log says that it is empty");
    unlinkSync(join(path, "server.key"));
    unlinkSync(join(path, "server.crt"));
    await until(() => errors(world).length === 2, "the log says that it is gone");
    assert.equal(await served(port), "CN=server");
    for (const name of ["renewed.crt", "renewed.key"])
      copyFileSync(pem(name), join(path, name.replace("renewed", "server")));
    await until(async () => (await served(port)) === "CN=renewed", "the next good pair");
  });
});
