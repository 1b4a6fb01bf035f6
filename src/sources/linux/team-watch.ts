/**
 * Which ports of a team are in use. rtnetlink does not tell: the team driver does, over generic netlink. With CAP_NET_ADMIN it is
 * asked when a team is first seen; without, only its changes are heard, and until one has come a port's use is not known.
 */

import { TEAM_MODES, type TeamMode } from "../../link/aggregate.ts";
import type { LinkAttributes } from "../../link/link-attributes.ts";
import type { Libc } from "../../os/libc.ts";
import { SourceError } from "../source.ts";
import { familyRequest, type GenericFamily, parseFamily } from "./generic-netlink.ts";
import { NetlinkError, NetlinkSocket, ReceiveFrame } from "./netlink-socket.ts";
import type { Frame, Message } from "./netlink-wire.ts";
import { NETLINK_GENERIC } from "./rtnetlink.ts";
import { optionsRequest, parseTeamOptions, TEAM_CHANGES, TEAM_FAMILY, type TeamOption } from "./team-message.ts";

/** What is known of one team. */
interface Team {
  mode: TeamMode | undefined;
  /** ifindex of the active port, 0 for none; undefined while nobody has told. */
  active: number | undefined;
  readonly ports: Map<number, Port>;
}

/** What is known of one port. */
interface Port {
  enabled?: boolean;
  /** What teamd has found out about the link by other means than its carrier, and whether that counts. */
  linkUp?: boolean;
  linkUpCounts?: boolean;
}

/** Options by name: what each says of the team, or of one of its ports. */
const OPTIONS: Readonly<Record<string, (team: Team, port: Port | undefined, option: TeamOption) => void>> = {
  mode: (team, _, { text }) => {
    team.mode = TEAM_MODES.find((mode) => mode === text);
  },
  activeport: (team, _, { number }) => {
    team.active = number;
    team.mode ??= "activebackup"; // the only mode that has this option
  },
  enabled: (_, port, { flag }) => {
    if (port) port.enabled = flag;
  },
  user_linkup: (_, port, { flag }) => {
    if (port) port.linkUp = flag;
  },
  user_linkup_enabled: (_, port, { flag }) => {
    if (port) port.linkUpCounts = flag;
  },
};

/** Datagrams taken at one go. */
const BURST = 1024;

export class TeamWatch {
  readonly #libc: Libc;
  readonly #room = new ReceiveFrame();
  readonly #teams = new Map<number, Team>();
  /** Teams and their ports by ifindex, each with the ifindex of its master. */
  readonly #masters = new Map<number, number | undefined>();
  /** Teams of which the driver has said something since the last {@link take}. */
  readonly #changed = new Set<number>();
  #readable: () => void = () => {};
  #family: GenericFamily | undefined;
  #changes: NetlinkSocket | undefined;

  constructor(libc: Libc) {
    this.#libc = libc;
  }

  /** `readable` is called when {@link take} has something to say. */
  listen(readable: () => void): void {
    this.#readable = readable;
  }

  /** The link with what the team driver says of it. */
  complete(link: LinkAttributes): LinkAttributes {
    const { ifindex, aggregate, port, masterIfindex } = link;
    if (aggregate?.kind !== "team" && port?.kind !== "team") {
      this.forget(ifindex);
      return link;
    }
    this.#masters.set(ifindex, masterIfindex);
    if (aggregate?.kind === "team" && !(this.#teams.has(ifindex) && this.#changes)) this.#meet(ifindex);
    return this.#withDriver(link);
  }

  forget(ifindex: number): void {
    this.#masters.delete(ifindex);
    this.#teams.delete(ifindex);
  }

  /** ifindexes of links of which the team driver has said something since the last call: to be completed anew. @throws SourceError */
  take(): number[] {
    for (let count = 0; count < BURST; count++) {
      const received = this.#changes?.receive((frame, message) => this.#apply(frame, message));
      // What was dropped can be asked for; without the privilege the next change tells.
      if (received === "overflow" || received === "cut") for (const team of this.#teams.keys()) this.#ask(team);
      else if (received !== "message") break;
    }
    const changed = [...this.#masters].filter(
      ([link, master = 0]) => this.#changed.has(link) || this.#changed.has(master),
    );
    this.#changed.clear();
    return changed.map(([link]) => link);
  }

  close(): void {
    this.#changes?.close();
    this.#changes = undefined;
    this.#family = undefined;
    this.#teams.clear();
    this.#masters.clear();
  }

  #withDriver(link: LinkAttributes): LinkAttributes {
    const { ifindex, aggregate, port, masterIfindex } = link;
    const asTeam = this.#teams.get(ifindex);
    const asPort = port?.kind === "team" ? this.#teams.get(masterIfindex ?? 0) : undefined;
    return {
      ...link,
      ...(aggregate &&
        asTeam && { aggregate: { ...aggregate, mode: asTeam.mode, activeIfindex: asTeam.active || undefined } }),
      ...(port &&
        asPort && { port: { ...port, role: roleOf(ifindex, asPort), miiStatus: linkOf(asPort.ports.get(ifindex)) } }),
    };
  }

  /** A team is seen for the first time, or nothing could be heard so far: changes are heard from before it is asked, so that none falls between. */
  #meet(team: number): void {
    if (!this.#teams.has(team)) this.#teams.set(team, { mode: undefined, active: undefined, ports: new Map() });
    const isFirst = !this.#changes;
    try {
      this.#open();
    } catch (error) {
      if (!(error instanceof SourceError || error instanceof NetlinkError)) throw error;
      return; // nothing is known: there is no generic netlink in a sandbox, or no socket to be had just now
    }
    for (const one of isFirst ? this.#teams.keys() : [team]) this.#ask(one);
  }

  #open(): void {
    if (this.#changes) return;
    const socket = new NetlinkSocket(this.#libc, this.#room, NETLINK_GENERIC);
    try {
      this.#family = findFamily(socket);
      const group = this.#family?.groups.get(TEAM_CHANGES);
      if (group !== undefined) socket.subscribe(group);
      socket.watch(() => this.#readable());
      this.#changes = socket;
    } finally {
      if (this.#changes !== socket) socket.close();
    }
  }

  /** The driver answers only to who has CAP_NET_ADMIN: else nothing is learned. */
  #ask(team: number): void {
    const { id } = this.#family ?? {};
    if (id === undefined) return;
    let socket: NetlinkSocket | undefined;
    try {
      socket = new NetlinkSocket(this.#libc, this.#room, NETLINK_GENERIC);
      socket.dump(
        "TEAM_CMD_OPTIONS_GET",
        optionsRequest(id, team),
        () => {},
        (frame, message) => this.#apply(frame, message),
      );
    } catch (error) {
      if (!(error instanceof SourceError || error instanceof NetlinkError)) throw error;
    } finally {
      socket?.close();
    }
  }

  #apply(frame: Frame, message: Message): void {
    const said = this.#family && parseTeamOptions(this.#family.id, frame, message);
    const team = said && this.#teams.get(said.team);
    if (!team) return;
    for (const option of said.options) {
      const port = option.port === undefined ? undefined : portOf(team, option.port);
      OPTIONS[option.name]?.(team, port, option);
    }
    this.#changed.add(said.team);
  }
}

function findFamily(socket: NetlinkSocket): GenericFamily | undefined {
  let found: GenericFamily | undefined;
  socket.dump(
    "CTRL_CMD_GETFAMILY",
    familyRequest(TEAM_FAMILY),
    () => {},
    (frame, message) => {
      found ??= parseFamily(frame, message);
    },
  );
  return found;
}

function portOf(team: Team, ifindex: number): Port {
  const known = team.ports.get(ifindex);
  if (known) return known;
  const fresh: Port = {};
  team.ports.set(ifindex, fresh);
  return fresh;
}

/** Undefined: nobody has told. A port that is not enabled waits in one mode and is lost in the others. */
function roleOf(ifindex: number, { mode, active, ports }: Team): "active" | "backup" | undefined {
  if (mode === "activebackup") {
    if (active === undefined) return undefined;
    return ifindex === active ? "active" : "backup";
  }
  const enabled = ports.get(ifindex)?.enabled;
  if (enabled === true) return "active";
  return enabled === false && mode !== undefined ? "backup" : undefined;
}

/** What teamd's own watch says of the link, where it has one besides the carrier. */
function linkOf(port: Port | undefined): "up" | "down" | undefined {
  if (port?.linkUpCounts !== true || port.linkUp === undefined) return undefined;
  return port.linkUp ? "up" : "down";
}
