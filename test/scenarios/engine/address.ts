import { addAddress } from "#src/ip/addresses.js";
import { IPIF } from "#src/ipmp/flags.js";
import type { Verb } from "../story.ts";
import type { EngineStage } from "./stage.ts";

const KINDS: Readonly<Record<string, number>> = {
  test: IPIF.NOFAILOVER | IPIF.DEPRECATED,
  dhcp: IPIF.DHCPRUNNING,
  autoconf: IPIF.ADDRCONF,
  "point-to-point": IPIF.POINTOPOINT,
};

/** `address d1 d2 on ipmp0 [test] [dhcp] …`: addresses, down as yet. d2 is 192.0.2.2, or 2001:db8::2 on `ipmp0/v6`. */
export const address: Verb<EngineStage> = (stage, words) => {
  const on = words.indexOf("on");
  const [where = "", ...kinds] = words.slice(on + 1);
  const ill = stage.ill(where);
  for (const name of words.slice(0, on)) {
    const number = Number(name.replace(/\D/g, ""));
    const ip = ill.family === "v4" ? `192.0.2.${number}` : `2001:db8:0:0:0:0:0:${number.toString(16)}`;
    const flags = kinds.reduce((bits, kind) => bits | (KINDS[kind] ?? Number.NaN), 0);
    stage.ipifs.set(name, addAddress(ill, name, ip, flags));
  }
  return [];
};
