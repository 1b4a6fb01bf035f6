/** Listens to what the engine does to the rest of IP, and says it in the words of the stories. */

import { ServiceEffects } from "#src/ip/effects.js";
import type { Effects } from "#src/ipmp/effects.js";
import type { Topic } from "./stage.ts";

/** Every effect still reaches the service; `tell` hears of it afterwards. */
export function tap(service: ServiceEffects, tell: (topic: Topic, line: string) => void): void {
  const effects: Effects = service;
  const plain = ServiceEffects.prototype;
  let resolverTold = false; // the resolver hears of an unbinding before the binding itself ends

  effects.ipifArpDown = (ipif) => {
    plain.ipifArpDown.call(service, ipif);
    resolverTold = true;
  };
  effects.ipifNdpDown = (ipif) => {
    plain.ipifNdpDown.call(service, ipif);
    resolverTold = true;
  };
  effects.ipifUnbound = (ipif, ill) => {
    tell("resolver", `unbind ${ipif.id} from ${ill.phyint.name}${resolverTold ? "" : " silently"}`);
    resolverTold = false;
  };
  effects.ipifBound = (ipif, ill, action) => {
    plain.ipifBound.call(service, ipif, ill, action);
    const to = `${ipif.id} to ${ill.phyint.name}`;
    if (action === "none") tell("resolver", `bind ${to} silently`);
    else
      tell(
        "resolver",
        `${action === "initial" ? "bind" : "rebind"} ${to}${ipif.bound ? "" : ": the resolver refuses"}`,
      );
  };

  effects.put = (ill, notification) => {
    plain.put.call(service, ill, notification);
    const { note, data } = notification;
    tell(
      "notes",
      `note to ${ill.name}: ${note.slice("DL_NOTE_".length)}${note === "DL_NOTE_SDU_SIZE" ? ` ${data}` : ""}`,
    );
  };
  effects.castDisabled = (illgrp, ill) => tell("nominee", `${ill.phyint.name} no longer speaks for ${illgrp.name}`);
  effects.castEnabled = (illgrp, ill) => {
    plain.castEnabled.call(service, illgrp);
    tell("nominee", `${ill.phyint.name} speaks for ${illgrp.name}`);
  };
  effects.illLeaveMulticast = (ill) => tell("nominee", `multicast memberships of ${ill.name} are left`);
  effects.illRecoverMulticast = (ill) => tell("nominee", `multicast memberships of ${ill.name} are joined again`);

  effects.timeout = (ill, delay) => {
    tell("timer", `${ill.name} is tried again in ${delay} s`);
    return plain.timeout.call(service, ill, delay);
  };
  effects.untimeout = (ill) => {
    plain.untimeout.call(service, ill);
    tell("timer", `${ill.name} is not tried again`);
  };

  effects.ipRtsXifmsg = (ipif, up) => {
    plain.ipRtsXifmsg.call(service);
    tell("routing", `RTM_IFINFO ${ipif.ill.phyint.name} ${up ? "up" : "down"}`);
  };
  effects.ipRtsNewaddrmsg = (command, ipif) => {
    plain.ipRtsNewaddrmsg.call(service, command);
    tell("routing", `${command === "RTM_ADD" ? "RTM_NEWADDR" : "RTM_DELADDR"} ${ipif.addr} on ${ipif.ill.phyint.name}`);
  };

  effects.nceLookupThenAdd = (ill, lladdr, addr, flags, ok) => {
    plain.nceLookupThenAdd.call(service, ill, lladdr, addr, flags, ok);
    tell("neighbours", `${ill.phyint.name} reaches ${addr} at ${lladdr}${ok ? "" : ": no memory"}`);
  };
  effects.nceUpdate = (addr, lladdr) => tell("neighbours", `${addr} is now at ${lladdr}`);
  effects.nceDelete = (nce) => tell("neighbours", `${nce.ill.phyint.name} forgets how to reach ${nce.addr}`);
  effects.ncecDelete = (ncec) => tell("neighbours", `record of ${ncec.addr} on ${ncec.ill.phyint.name} is deleted`);

  effects.ireTesthidden = (ire) => tell("routes", `${ire.id} ${ire.testhidden ? "is for probes only" : "is for all"}`);
  effects.ireDelete = (ire) => tell("routes", `${ire.id} is deleted`);

  effects.kstatCreate = (name, ok) => tell("kstats", `kstat ipmp:0:${name} ${ok ? "is made" : "cannot be made"}`);
  effects.kstatDelete = (name) => tell("kstats", `kstat ipmp:0:${name} is deleted`);
}
