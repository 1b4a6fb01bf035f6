/** IP addresses as octets, as MIB indexes want them. */

/** 4 or 16 octets; undefined when the text is no address. Snapshots hold canonical text (RFC 5952), without a zone. */
export function addressOctets(text: string): Uint8Array | undefined {
  return text.includes(":") ? ipv6Octets(text) : ipv4Octets(text);
}

function ipv4Octets(text: string): Uint8Array | undefined {
  const parts = text.split(".").map((part) => (/^[0-9]{1,3}$/.test(part) ? Number(part) : Number.NaN));
  return parts.length === 4 && parts.every((part) => part <= 255) ? Uint8Array.from(parts) : undefined;
}

function ipv6Octets(text: string): Uint8Array | undefined {
  const [head = "", tail, ...more] = text.split("::");
  const before = groups(head);
  const after = groups(tail ?? "");
  const missing = 16 - (before?.length ?? 0) - (after?.length ?? 0);
  // "::" stands for at least one group of zeros; without it all sixteen octets are written.
  if (!before || !after || more.length > 0 || (tail === undefined ? missing !== 0 : missing < 2)) return undefined;
  return Uint8Array.from([...before, ...new Uint8Array(missing), ...after]);
}

/** "2001:db8" as octets; the last part may be IPv4 ("ffff:192.0.2.1"). */
function groups(text: string): number[] | undefined {
  if (text === "") return [];
  const octets: number[] = [];
  const parts = text.split(":");
  for (const [i, part] of parts.entries()) {
    const embedded = i === parts.length - 1 && part.includes(".") ? ipv4Octets(part) : undefined;
    if (embedded) octets.push(...embedded);
    else if (/^[0-9A-Fa-f]{1,4}$/.test(part)) {
      const group = Number.parseInt(part, 16);
      octets.push(group >> 8, group & 0xff);
    } else return undefined;
  }
  return octets;
}
