/**
 * A virtual machine that runs one script and ends: qemu emulates the processor in software (TCG), so that it works without KVM,
 * which not every machine has or lets a container use. Its clock counts the processor's instructions, a nanosecond each, and jumps
 * ahead when there is nothing to do: no clock of LACP is waited for, and a busy host makes nothing late in it. It has the network
 * cards of cards.ts, and two serial ports: what the kernel and the programs print, and what the script reports.
 */

import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cardOptions } from "./cards.ts";
import { writeImage } from "./image.ts";
import type { Kernel } from "./kernel.ts";

/** Where the script writes its report. */
export const REPORT_DEVICE = "/dev/ttyS1";

export interface Run {
  /** Lines that the script wrote to {@link REPORT_DEVICE}. */
  readonly report: readonly string[];
  /** What the kernel and the programs printed. */
  readonly console: string;
}

const MEMORY_MIB = 1024;

/** Parameters of the kernel: it need not doubt the processor's clock, nor test its own ciphers. */
const PARAMETERS = [
  ...["console=ttyS0", "panic=-1", "loglevel=3", "mitigations=off"],
  ...["tsc=reliable", "no_timer_check", "cryptomgr.notests"],
] as const;

/** Boots, runs the script and waits for the end. After `limitMs` the machine is switched off, and the report is short. */
export async function runInMachine(
  kernel: Kernel,
  script: readonly string[],
  limitMs: number,
  programs: readonly string[] = [],
): Promise<Run> {
  const folder = mkdtempSync(join(tmpdir(), "ipmp-exporter-vm-"));
  const image = join(folder, "initramfs");
  const report = join(folder, "report");
  const remove = () => rmSync(folder, { recursive: true, force: true });
  process.once("exit", remove);
  try {
    writeImage(image, kernel, script, programs);
    const console = await boot(kernel.image, image, report, limitMs);
    return { report: lines(readFileSync(report, "utf8")), console };
  } finally {
    remove();
    process.off("exit", remove);
  }
}

function boot(kernelImage: string, initramfs: string, report: string, limitMs: number): Promise<string> {
  const machine = ["-machine", "pc", "-cpu", "max", "-smp", "1", "-m", `${MEMORY_MIB}`];
  const clock = ["-accel", "tcg,thread=single", "-icount", "shift=0,sleep=off"];
  const devices = ["-nodefaults", "-display", "none", "-no-reboot", "-serial", "stdio", "-serial", `file:${report}`];
  const system = ["-kernel", kernelImage, "-initrd", initramfs];
  return new Promise((resolve, reject) => {
    const qemu = spawn(
      "qemu-system-x86_64",
      [...machine, ...clock, ...devices, ...cardOptions(), ...system, "-append", PARAMETERS.join(" ")],
      {
        stdio: ["ignore", "pipe", "pipe"],
      },
    );
    let said = "";
    for (const stream of [qemu.stdout, qemu.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        said += text;
      });
    }
    const switchOff = () => qemu.kill("SIGKILL");
    const limit = setTimeout(switchOff, limitMs);
    process.once("exit", switchOff);
    qemu.once("error", reject);
    qemu.once("close", () => {
      clearTimeout(limit);
      process.off("exit", switchOff);
      resolve(lines(said).join("\n"));
    });
  });
}

/** A serial line ends lines with CR LF. */
function lines(text: string): string[] {
  return text
    .replaceAll("\r", "")
    .split("\n")
    .filter((line) => line !== "");
}
