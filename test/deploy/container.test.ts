/** The image: its recipe is sane, and its root, laid out here without any container engine, runs the program as nobody. */

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { Netns, NO_NETNS } from "../support/netns.ts";
import { untilReady } from "../support/ready.ts";
import { root } from "../support/root.ts";
import { scratch } from "../support/scratch.ts";
import { DEFAULTS, run, succeed, text, without } from "./support.ts";

const recipe = text("deploy", "container", "Containerfile").replaceAll(/\\\n\s*/g, " ");

/** The instructions of a stage, from FROM on. */
function stage(image: string): string[] {
  const stages = recipe.split(/^(?=FROM )/m).map((part) => part.split("\n").filter((line) => /^[A-Z]+ /.test(line)));
  const found = stages.find(([from = ""]) => from.split(" ")[1]?.startsWith(image) === true);
  assert.ok(found, `no stage FROM ${image}`);
  return found;
}

/** What follows an instruction, for each time it occurs. */
function instruction(lines: readonly string[], name: string): string[] {
  return lines.filter((line) => line.startsWith(`${name} `)).map((line) => line.slice(name.length + 1).trim());
}

const build = stage("node:");
const image = stage("scratch");

describe("the Containerfile", () => {
  test("copies only what the repository has, and its ignore files let that in", () => {
    const sources = instruction(build, "COPY").flatMap((line) => line.split(/\s+/).slice(0, -1));
    assert.ok(sources.length > 0);
    for (const ignore of ["Containerfile.containerignore", "Containerfile.dockerignore"]) {
      const let_in = new Set(
        text("deploy", "container", ignore)
          .split("\n")
          .flatMap((line) => (line.startsWith("!") ? [line.slice(1)] : [])),
      );
      for (const source of sources) {
        assert.ok(existsSync(root(source)), `${source} does not exist`);
        assert.ok(let_in.has(source.replace(/^\.\//, "")), `${ignore} keeps ${source} out`);
      }
    }
  });

  test("builds with a Node that package.json accepts", () => {
    const major = Number(/^node:(\d+)/.exec(instruction(build, "FROM")[0] ?? "")?.[1]);
    assert.ok(major >= 20, `node ${major}`);
  });

  test("ends in an empty root that runs as nobody, without a shell", () => {
    assert.deepEqual(instruction(image, "USER"), ["65534:65534"]);
    assert.deepEqual(instruction(image, "RUN"), []);
    for (const name of ["ENTRYPOINT", "HEALTHCHECK"]) {
      const [line = ""] = instruction(image, name);
      const command = JSON.parse(line.slice(line.indexOf("["))) as string[]; // exec form is JSON
      assert.equal(command[0], "/usr/bin/node");
    }
    const [exposed = ""] = instruction(image, "EXPOSE");
    assert.ok(exposed.includes(`${DEFAULTS.webListenAddress.slice(1)}/tcp`));
  });

  test("carries the version of package.json", () => {
    const { version } = JSON.parse(text("package.json")) as { readonly version: string };
    assert.ok(instruction(image, "ARG").includes(`VERSION=${version}`));
  });
});

/** The programs that a container may run; the second argument of mount needs to know where it is. */
const IN_THE_IMAGE = `
set -e
mount --bind "$1" "$1"
mount -o remount,bind,ro "$1"
mount -t tmpfs -o mode=0755,uid=65534 tmpfs "$1/run"
mount --bind /proc "$1/proc"
mkdir "$1/run/socket"
mount --bind "$2" "$1/run/socket"
shift 2
# chroot --userspec leaves no capability: a user other than root begins without any.
exec setpriv --inh-caps=-all --no-new-privs "$@"
`;

describe("the root of the image", { skip: NO_NETNS || without("setpriv", "ldd") }, () => {
  test("holds no shell, and runs the program as nobody where nothing can be written", async (context) => {
    const folder = join(scratch(context), "root");
    const sockets = scratch(context);
    succeed("chown", ["65534:65534", sockets]);
    succeed(root("deploy", "container", "rootfs"), [folder]);
    assert.deepEqual(readdirSync(join(folder, "usr", "bin")), ["node"]);
    assert.ok(!existsSync(join(folder, "bin")));

    const ns = Netns.create(context, "image");
    // Every step is an exec: the child is the program in the end, and the mounts go with it.
    const { NODE_EXTRA_CA_CERTS: _, ...env } = process.env;
    const child = spawn(
      "ip",
      [
        ...["netns", "exec", ns.name, "unshare", "--mount"],
        ...["sh", "-c", IN_THE_IMAGE, "sh", folder, sockets, "chroot", "--userspec=65534:65534", folder],
        ...["/usr/bin/node", "/usr/lib/ipmp-exporter/dist/main.js", "--state.file=none", "--log.level=debug"],
        "--web.listen-address=unix:/run/socket/web.sock",
      ],
      { stdio: ["ignore", "ignore", "pipe"], env },
    );
    context.after(() => child.kill("SIGKILL"));
    const log = await untilReady(child);
    assert.match(log, /source=netlink/, log); // koffi and its libraries are all there
    const metrics = succeed("curl", ["-sS", "--unix-socket", join(sockets, "web.sock"), "http://localhost/metrics"]);
    assert.match(metrics, /^ipmp_scrape_collector_success\{collector="netlink"\} 1$/m);
    const written = run("find", [folder, "-newer", join(folder, "etc", "nsswitch.conf"), "-type", "f"]).output;
    assert.equal(written, "");
  });
});
