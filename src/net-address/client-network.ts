/** Who counts as one client: an IPv4 address, or an IPv6 network of 64 bits, since a host with IPv6 has 2^64 addresses to choose from. */

/** `address` as the system writes that of a peer: with a zone, or an IPv4 one within IPv6, if need be. */
export function clientNetwork(address: string): string {
  const [bare = ""] = address.split("%");
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(bare)?.[1];
  if (mapped !== undefined || !bare.includes(":")) return mapped ?? bare;
  const [head = "", tail] = bare.split("::");
  const groups = head === "" ? [] : head.split(":");
  const after = tail === undefined || tail === "" ? [] : tail.split(":");
  // "::" stands for as many zeros as are missing from the eight groups.
  const all = tail === undefined ? groups : [...groups, ...Array(8 - groups.length - after.length).fill("0"), ...after];
  return `${all.slice(0, 4).join(":")}::/64`;
}
