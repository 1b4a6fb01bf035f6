/** The name of an address, asked for once (getnameinfo(3)). */

import { lookupService } from "node:dns/promises";

/** By address; the address itself where there is no name. */
const names = new Map<string, string>();

/** The name of an address where it has one, else the address. The service is of no interest, but lookupService wants a port. */
export async function nameOf(address: string): Promise<string> {
  const known = names.get(address);
  if (known !== undefined || address === "") return known ?? "";
  const found = await lookupService(address, 0).catch(() => undefined);
  const name = found?.hostname ?? address;
  names.set(address, name);
  return name;
}
