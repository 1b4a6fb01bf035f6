/** Rules of the addresses and paths on which the program is asked, and of the files that it makes. */

import { resolve } from "node:path";
import { hostOf } from "../../net-address/snmp-endpoint.ts";
import { isUnixPath } from "../../net-address/unix-path.ts";
import type { Configuration } from "../configuration.ts";
import { formatKeyPath, type KeyPath } from "../configuration-error.ts";
import type { Finding } from "../findings.ts";
import type { Settings } from "../schema.ts";
import { CONTROL_SOCKET } from "../sections/control.ts";
import { type Place, repeats } from "./repeats.ts";
import type { Rule } from "./rule.ts";

export const LISTEN_RULES: readonly Rule[] = [listensTwice, listensWithinEvery, listensNowhere];

function listensTwice({ web, snmp }: Settings): Finding[] {
  const all: Place[] = [
    ...web.listenAddresses.map((at, index) => ({
      value: at.kind === "unix" ? at.path : at.port === 0 ? `any ${index}` : `${at.host ?? ""}:${at.port}`,
      path: ["web", "listen_addresses", index],
    })),
    ...snmp.listenAddresses.map((at, index) => ({
      value: at.port === 0 ? `udp any ${index}` : `udp ${hostOf(at)} ${at.port}`,
      path: ["snmp", "listen_addresses", index],
    })),
  ];
  // The address is shown as it was written, which may be another text for the same.
  return repeats(all).map(({ path, earlier }) => ({ path, expected: `each address once: it is ${earlier}` }));
}

/** An address with the port of an entry that means every address, which has it open already. */
function listensWithinEvery({ web, snmp }: Settings): Finding[] {
  return [
    ...served(
      ["web", "listen_addresses"],
      web.listenAddresses,
      (every, one) =>
        every.kind === "tcp" &&
        one.kind === "tcp" &&
        every.host === undefined &&
        one.host !== undefined &&
        isSamePort(every, one),
    ),
    ...served(
      ["snmp", "listen_addresses"],
      snmp.listenAddresses,
      (every, one) =>
        EVERY_ADDRESS.has(every.address) &&
        !EVERY_ADDRESS.has(one.address) &&
        every.transport === one.transport &&
        isSamePort(every, one),
    ),
  ];
}

const EVERY_ADDRESS: ReadonlySet<string> = new Set(["0.0.0.0", "::"]);

/** Port 0 is another one each time. */
const isSamePort = (a: { readonly port: number }, b: { readonly port: number }) => a.port === b.port && a.port !== 0;

/** Entries of a list that another entry serves already. */
function served<T>(path: KeyPath, all: readonly T[], covers: (every: T, one: T) => boolean): Finding[] {
  return all.flatMap((one, index) => {
    const by = all.findIndex((other) => covers(other, one));
    const every = formatKeyPath([...path, by]);
    return by < 0
      ? []
      : [{ path: [...path, index], expected: `another port, as ${every} has every address of this one` }];
  });
}

function listensNowhere({ web }: Settings): Finding[] {
  return web.listenAddresses.length === 0 && !web.systemdSocket
    ? [{ path: ["web", "listen_addresses"], expected: "at least one address, or web.systemd_socket" }]
    : [];
}

/** Paths that are too long once they are absolute. */
export function tooLongPaths({ control: { socket, explicit } }: Configuration): Finding[] {
  if (!explicit || socket === undefined || isUnixPath(socket)) return [];
  const bytes = Buffer.byteLength(socket);
  return [{ path: ["control", "socket"], expected: `${CONTROL_SOCKET}: as an absolute path it has ${bytes}` }];
}

/** Paths of one file that two keys name: what one makes there, the other replaces, or cannot use. */
export function pathsNamedTwice({ file, web, state, control }: Configuration): Finding[] {
  const sockets = web.listenAddresses.flatMap((at, index) =>
    at.kind === "unix" ? [{ value: at.path, path: ["web", "listen_addresses", index] }] : [],
  );
  const made: Place[] = [
    ...(state.file === undefined ? [] : [{ value: state.file, path: ["state", "file"] }]),
    ...sockets,
    ...(control.socket === undefined ? [] : [{ value: control.socket, path: ["control", "socket"] }]),
  ];
  const own = file === undefined ? undefined : resolve(file);
  return [
    ...made
      .filter(({ value }) => value === own)
      .map(({ path }) => ({ path, expected: "another path: that is the configuration file" })),
    ...repeats(made).map(({ path, earlier }) => ({ path, expected: `another path than ${earlier}` })),
  ];
}
