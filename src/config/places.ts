/** Where the program writes when the configuration names no place: systemd's folders, else those of the XDG base directories. */

import { join } from "node:path";

/** The part of the environment that decides where files go; `home` is the user's home directory. */
export interface Places {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly home: string;
}

/** systemd joins several directories with colons (systemd.exec(5)); the first one is ours. */
function firstDirectory(value: string | undefined): string | undefined {
  const first = value?.split(":")[0];
  return first === "" ? undefined : first;
}

/** Folder for what survives a restart: systemd's, else the XDG base directory specification's. */
export function stateDirectory({ environment, home }: Places): string {
  const { STATE_DIRECTORY, XDG_STATE_HOME } = environment;
  return firstDirectory(STATE_DIRECTORY) ?? join(XDG_STATE_HOME || join(home, ".local", "state"), "ipmp-exporter");
}

export function defaultStateFile(places: Places): string {
  return join(stateDirectory(places), "state.json");
}

/** The control socket: systemd's folder, else the user's runtime folder, else beside the state. */
export function defaultControlSocket(places: Places): string {
  const { RUNTIME_DIRECTORY, XDG_RUNTIME_DIR } = places.environment;
  const runtime = firstDirectory(RUNTIME_DIRECTORY);
  if (runtime !== undefined) return join(runtime, "control.sock");
  if (XDG_RUNTIME_DIR) return join(XDG_RUNTIME_DIR, "ipmp-exporter.sock");
  return join(stateDirectory(places), "control.sock");
}

/** Where a command looks for the daemon's socket: its own environment may differ from that of the service. */
export function controlSocketCandidates(places: Places): readonly string[] {
  return [...new Set([defaultControlSocket(places), "/run/ipmp-exporter/control.sock"])];
}
