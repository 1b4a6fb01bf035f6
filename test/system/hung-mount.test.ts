/** Files on a mount whose server is gone: whoever reads them waits for ever. */

import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, renameSync, rmdirSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { hashSync } from "bcryptjs";
import { type Hooks, NO_NETNS, Netns } from "../support/netns.ts";
import { Program } from "../support/program.ts";
import { scratch } from "../support/scratch.ts";
import { eventually } from "../support/wait.ts";

const NO_FUSE = NO_NETNS || (!/\bfuse$/m.test(readFileSync("/proc/filesystems", "utf8")) && "this kernel has no FUSE");
const ONE_GROUP = "groups: [{ name: ipmp0, interfaces: [va] }]\n";
const RELOADS = 8;

/**
 * A file system whose server never says a word: FUSE, and nobody reads the requests. Another process holds it, as whoever touches it waits until
 * that is ended; make it first, so that it is ended first.
 */
async function hungMount(hooks: Hooks): Promise<string> {
  const path = mkdtempSync(join(tmpdir(), "ipmp-exporter-hung-"));
  const options = "fd=3,rootmode=40000,user_id=0,group_id=0,allow_other";
  const script = `exec 3<>/dev/fuse; mount -i -t fuse -o ${options} hung "$0" && echo mounted && exec sleep infinity`;
  const holder = spawn("sh", ["-c", script, path], { stdio: ["ignore", "pipe", "inherit"] });
  hooks.after(() => {
    holder.kill("SIGKILL");
    spawnSync("umount", ["--lazy", path]);
    rmdirSync(path);
  });
  const [said] = (await once(holder.stdout, "data")) as [Buffer];
  assert.match(String(said), /mounted/);
  return path;
}

/** Lets a name lead to another file, in one step. */
function lead(name: string, to: string): void {
  symlinkSync(to, `${name}.new`);
  renameSync(`${name}.new`, name);
}

test("a configuration on a mount that does not answer: everything else goes on, it is said, and the program ends", {
  skip: NO_FUSE,
}, async (t) => {
  const mount = await hungMount(t);
  const folder = scratch(t);
  const ns = Netns.create(t, "hung");
  ns.addVeth("va", "vap");
  writeFileSync(join(folder, "good.yml"), `${ONE_GROUP}web: { config_file: ${folder}/web.yml }\n`);
  const passwords = `basic_auth_users: { ali: "${hashSync("open", 4)}" }\n`;
  writeFileSync(join(folder, "good-web.yml"), passwords);
  lead(join(folder, "ipmp.yml"), join(folder, "good.yml"));
  lead(join(folder, "web.yml"), join(folder, "good-web.yml"));
  const control = join(folder, "control.sock");
  const program = Program.launch(t, { ns, folder, args: [`--config.file=${join(folder, "ipmp.yml")}`] });
  await program.logged("msg=ready");
  const scrape = () => ns.run("curl", "-s", "-m", "60", "--unix-socket", control, "http://localhost/api/v1/status");
  const threads = () => spawnSync("sh", ["-c", `cat /proc/${program.pid}/task/*/wchan`], { encoding: "utf8" }).stdout;
  const waiting = () => threads().match(/fuse|request_wait/g)?.length ?? 0;

  lead(join(folder, "web.yml"), join(mount, "web.yml"));
  lead(join(folder, "ipmp.yml"), join(mount, "ipmp.yml"));
  program.signal("SIGHUP");
  await eventually(
    () => waiting() > 0,
    () => "nothing waits for the mount",
  );
  assert.match(scrape(), /"status"|groups|version/);
  await program.logged("configuration not reloaded", "ipmp.yml", "its file system does not answer");
  await program.logged("web configuration is wrong", "its file system does not answer");
  for (let n = 0; n < RELOADS; n++) {
    const said = () => program.log.filter((line) => line.includes("configuration not reloaded")).length;
    const before = said();
    program.signal("SIGHUP");
    await eventually(
      () => said() > before,
      () => "a reload has no outcome",
    );
  }
  assert.ok(waiting() <= 2, `of the four threads that read files, these wait: ${threads()}`);
  assert.match(scrape(), /"status"|groups|version/);

  program.signal("SIGTERM");
  await program.exited();
  await program.logged("the end is held up", "SIGKILL");
});
