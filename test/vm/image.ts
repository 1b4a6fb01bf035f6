/**
 * The virtual machine's file system: the kernel's modules, programs of this machine with the libraries that they need, the
 * built program with its packages, and the compiled tests. It is unpacked into memory and gone with the machine.
 */

import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, readlinkSync, realpathSync, statSync } from "node:fs";
import { join, relative } from "node:path";
import { root } from "../support/root.ts";
import { CARD_MODULES } from "./cards.ts";
import { CpioArchive } from "./cpio.ts";
import type { Kernel } from "./kernel.ts";

/** In the order in which they can be loaded: a module after those that it needs. */
const MODULES = [
  ...["llc", "stp", "bridge", "mrp", "garp", "8021q", "tls", "bonding", "team"],
  ...["team_mode_activebackup", "team_mode_loadbalance", "team_mode_roundrobin", "team_mode_broadcast"],
  ...["dummy", "veth", "vrf", "sch_netem"],
] as const;

/** What loading a module would do by itself and is not wanted: bonding would make a bond0. */
const MODULE_OPTIONS: Readonly<Record<string, string>> = { bonding: "max_bonds=0" };

/** Programs besides Node: path in the image follows the path here. */
export const PROGRAMS = [
  ...["busybox", "ip", "tc", "teamd", "teamnl", "ethtool", "setpriv"],
  ...["apparmor_parser", "openssl", "curl", "snmpget"],
] as const;

/** Where a package has the program: an empty folder, for who wants to see the project there. */
export const INSTALLED = "/usr/lib/ipmp-exporter";

/** What the programs read, in files and folders of this machine. */
const THEIR_FILES = [
  ...["abi", "abstractions", "tunables"].map((name) => `/etc/apparmor.d/${name}`),
  ...["/etc/apparmor/parser.conf", "/usr/share/apparmor-features", "/etc/ssl/openssl.cnf"],
] as const;

/** What the image's shell calls by name. */
const APPLETS = [
  ...["sh", "mount", "mkdir", "insmod", "poweroff", "cat", "sleep", "kill", "ping", "rmmod"],
  ...["sysctl", "chown", "dmesg"],
] as const;

const PROJECT = "project";

/**
 * @param script what Node runs in the machine, and its arguments; relative to the project
 * @param programs what it needs besides {@link PROGRAMS}
 */
export function writeImage(path: string, kernel: Kernel, script: readonly string[], programs: readonly string[]): void {
  const archive = new CpioArchive(path);
  for (const folder of ["proc", "sys", "dev", "run", "tmp", "root", "etc/iproute2", "var", INSTALLED.slice(1)])
    archive.folder(folder);
  archive.link("var/run", "/run");
  addText(archive, "etc/passwd", "root:x:0:0::/root:/bin/sh\nnobody:x:65534:65534::/:/bin/sh\n");
  addText(archive, "etc/group", "root:x:0:\nnogroup:x:65534:\n");
  addText(archive, "etc/hosts", "127.0.0.1 localhost\n");
  for (const program of [...PROGRAMS, ...programs]) addProgram(archive, programPath(program));
  addProgram(archive, process.execPath);
  for (const applet of APPLETS) archive.link(`bin/${applet}`, programPath("busybox"));
  for (const name of CARD_MODULES) addModule(archive, kernel, name);
  const modules = MODULES.filter((name) => addModule(archive, kernel, name));
  addTree(archive, "dist");
  for (const folder of ["test", "bench"]) addTree(archive, `.test-build/${folder}`);
  for (const folder of productionPackages()) addTree(archive, folder);
  addFile(archive, join(PROJECT, "package.json"), root("package.json"));
  addFile(archive, "etc/apparmor.d/ipmp-exporter", root("deploy", "apparmor", "ipmp-exporter"));
  for (const path of THEIR_FILES) addTheirs(archive, path);
  archive.link("usr/lib/ssl/openssl.cnf", "/etc/ssl/openssl.cnf");
  addText(archive, "init", init(modules, script), true);
  archive.close();
}

/** The first program that the kernel starts: what a system needs to be one, the modules, then the script; then the end. */
function init(modules: readonly string[], script: readonly string[]): string {
  const load = modules.map((name) => `insmod /modules/${name}.ko ${MODULE_OPTIONS[name] ?? ""}`);
  return `#!/bin/sh
export PATH=/usr/local/bin:/usr/bin:/usr/sbin:/bin:/sbin HOME=/root
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
mount -t tmpfs -o mode=1777 tmpfs /tmp
mount -t tmpfs tmpfs /run
${load.join("\n")}
ip link set lo up
cd /${PROJECT}
${process.execPath} ${script.map((word) => `'${word}'`).join(" ")}
poweroff -f
`;
}

export function programPath(program: string): string {
  return execFileSync("sh", ["-c", `PATH=$PATH:/usr/sbin:/sbin; command -v ${program}`], { encoding: "utf8" }).trim();
}

/** A program and the libraries that it is linked with, at the paths where it looks for them. */
function addProgram(archive: CpioArchive, path: string): void {
  addFile(archive, path.slice(1), realpathSync(path), true);
  for (const library of linkedLibraries(path)) addFile(archive, library.slice(1), realpathSync(library), true);
}

/** Every path that the loader finds for it; none for a static program, of which ldd(1) complains. */
function linkedLibraries(path: string): string[] {
  try {
    return execFileSync("ldd", [path], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).match(/\/\S+/g) ?? [];
  } catch {
    return [];
  }
}

/** @returns whether this kernel has it: what is built into the kernel has no module. */
function addModule(archive: CpioArchive, kernel: Kernel, name: string): boolean {
  const file = kernel.modules.get(name);
  if (file === undefined) return false;
  const content = file.endsWith(".xz")
    ? execFileSync("xz", ["--decompress", "--stdout", file], { maxBuffer: 1 << 28 })
    : readFileSync(file);
  archive.file(`modules/${name}.ko`, content, false);
  return true;
}

/** Folders of the packages that the program needs when it runs, relative to the project. */
function productionPackages(): string[] {
  const listed = execFileSync("npm", ["ls", "--omit=dev", "--all", "--parseable"], { cwd: root(), encoding: "utf8" });
  const folders = listed.split("\n").map((folder) => relative(realpathSync(root()), folder));
  return folders.filter((folder) => folder.startsWith("node_modules"));
}

/** A folder of the project, without what the machine does not read. */
function addTree(archive: CpioArchive, folder: string): void {
  const entries = readdirSync(root(folder), { recursive: true, withFileTypes: true });
  for (const entry of entries) {
    const path = join(entry.parentPath, entry.name);
    const name = join(PROJECT, relative(root(), path));
    if (entry.isSymbolicLink()) archive.link(name, readlinkSync(path));
    else if (entry.isFile() && !/\.(d\.[cm]?ts|map|md)$/.test(entry.name)) addFile(archive, name, path);
  }
}

/** A file of this machine, or a folder with all that it holds, at the same path. */
function addTheirs(archive: CpioArchive, path: string): void {
  if (!existsSync(path)) return;
  const isFolder = statSync(path).isDirectory();
  const names = isFolder ? readdirSync(path, { recursive: true, encoding: "utf8" }) : [""];
  for (const file of names.map((name) => join(path, name))) {
    if (!statSync(file).isDirectory()) addFile(archive, file.slice(1), file);
  }
}

function addText(archive: CpioArchive, name: string, text: string, executable = false): void {
  archive.file(name, Buffer.from(text), executable);
}

function addFile(archive: CpioArchive, name: string, path: string, executable = false): void {
  if (existsSync(path) && !archive.has(name)) {
    archive.file(name, readFileSync(path), executable || (statSync(path).mode & 0o111) !== 0);
  }
}
