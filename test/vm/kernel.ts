/**
 * The kernel that the virtual machine boots: Debian's for machines in a cloud, which has bonding, team and dummy links. It is
 * downloaded and unpacked once into a cache of this user, and never installed.
 */

import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";

export interface Kernel {
  /** What `uname -r` prints in the machine. */
  readonly release: string;
  /** Path of the bzImage. */
  readonly image: string;
  /** Paths of the module files below the kernel's folder, by module name. */
  readonly modules: ReadonlyMap<string, string>;
}

/** Depends on the newest kernel of this Debian release. */
const METAPACKAGE = "linux-image-cloud-amd64";

/** The parts of the package that are kept: the image, and the modules of networking and of the machine's cards. */
const WANTED = [
  "./boot/vmlinuz-*",
  ...["net", "drivers/net", "drivers/virtio"].map((f) => `./lib/modules/*/kernel/${f}/*`),
];
/** Its place in the cache: another one when other parts are kept. */
const FOLDER = "kernel-virtio";

/** @throws Error when the kernel is not in the cache and cannot be downloaded */
export function findKernel(): Kernel {
  const unpacked = join(cacheFolder(), FOLDER);
  if (!existsSync(unpacked)) unpackInto(unpacked);
  const image = readdirSync(join(unpacked, "boot")).find((name) => name.startsWith("vmlinuz-"));
  if (image === undefined)
    throw new Error(`Cannot find a kernel image in ${unpacked}; delete the folder and try again`);
  const files = readdirSync(join(unpacked, "lib"), { recursive: true, encoding: "utf8" });
  const modules = new Map<string, string>();
  for (const file of files) {
    const name = /([^/]+)\.ko(\.xz)?$/.exec(file)?.[1];
    if (name !== undefined) modules.set(name, join(unpacked, "lib", file));
  }
  return { release: image.slice("vmlinuz-".length), image: join(unpacked, "boot", image), modules };
}

/** Below the user's cache folder; below the folder of temporary files for a user without a home. */
function cacheFolder(): string {
  const candidates = [process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), tmpdir()];
  for (const candidate of candidates) {
    const folder = join(candidate, "ipmp-exporter-test");
    try {
      mkdirSync(folder, { recursive: true });
      return folder;
    } catch {
      // Not writable: the next one is.
    }
  }
  throw new Error(`Cannot make a folder for the kernel in any of: ${candidates.join(", ")}`);
}

/** Renamed into place when it is complete, so that a download that was cut short is not taken for a kernel. */
function unpackInto(folder: string): void {
  const scratch = mkdtempSync(`${folder}.`);
  try {
    const apt = aptOptions(scratch);
    const package_ = /Depends: (linux-image-\S+)/.exec(
      run("apt-cache", [...apt, "depends", METAPACKAGE], scratch),
    )?.[1];
    if (package_ === undefined) throw new Error(`Debian package ${METAPACKAGE} depends on no kernel image`);
    run("apt-get", [...apt, "download", package_], scratch);
    const archive = readdirSync(scratch).find((name) => name.endsWith(".deb"));
    if (archive === undefined) throw new Error(`apt-get downloaded no file for ${package_}`);
    const files = join(scratch, "files");
    mkdirSync(files);
    const contents = execFileSync("dpkg-deb", ["--fsys-tarfile", join(scratch, archive)], { maxBuffer: 1 << 30 });
    execFileSync("tar", ["-x", "-C", files, "--wildcards", ...WANTED], { input: contents });
    try {
      renameSync(files, folder);
    } catch (error) {
      if (!existsSync(folder)) throw error; // else another run of the tests was faster, and its kernel is as good
    }
  } finally {
    rmSync(scratch, { recursive: true });
  }
}

/** Package lists of our own where the system has none, as in a fresh container. */
function aptOptions(scratch: string): string[] {
  const asAnyUser = ["-q", "-o", "APT::Sandbox::User=root"]; // root's, also where a folder is closed to the user _apt
  try {
    run("apt-cache", ["show", METAPACKAGE], scratch);
    return asAnyUser;
  } catch {
    const lists = join(scratch, "lists");
    const cache = join(scratch, "cache");
    for (const folder of [lists, cache]) mkdirSync(join(folder, "partial"), { recursive: true });
    const own = [...asAnyUser, "-o", `Dir::State::Lists=${lists}`, "-o", `Dir::Cache=${cache}`];
    run("apt-get", [...own, "-o", "APT::Update::Error-Mode=any", "update"], scratch);
    return own;
  }
}

/** @throws Error with what the command complained of, and what would help */
function run(command: string, args: readonly string[], folder: string): string {
  const { error, status, stdout, stderr } = spawnSync(command, args, { cwd: folder, encoding: "utf8" });
  if (error === undefined && status === 0) return stdout;
  const complaint = error?.message ?? stderr.trim().split("\n").at(-1) ?? "";
  throw new Error(
    `Cannot get ${METAPACKAGE} from Debian: ${command} says "${complaint}". Is the mirror that is named in /etc/apt ` +
      `reachable? Else copy the folder "${FOLDER}" of the cache of a machine where it was (${cacheFolder()})`,
  );
}
