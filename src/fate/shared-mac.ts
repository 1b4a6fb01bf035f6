/** MACs under which several machines pass for one: whoever of them lives answers by it, so it is no one thing that fails. */

/** What a standard or a maker has set aside for that. MACs that an administrator has chosen nobody can tell. */
const SET_ASIDE: readonly RegExp[] = [
  /^00:00:5e:00:0[12]:/, // VRRP for IPv4 and IPv6 (RFC 9568 section 7.3), CARP
  /^00:00:0c:07:ac:/, // HSRP
  /^00:00:0c:9f:f/, // HSRP version 2
  /^00:05:73:a0:0/, // HSRP for IPv6
  /^00:07:b4:00:/, // GLBP
  /^00:23:04:ee:(be|bf|c0|c1):/, // a vPC domain of Cisco's Nexus, 1 to 1,000
  /^44:38:39:ff:/, // MLAG and virtual routers of Cumulus Linux
  /^c0:ff:d4:a7:da:/, // a vPC domain of Netgear's
];

export function isSharedMac(lladdr: string): boolean {
  return SET_ASIDE.some((range) => range.test(lladdr));
}
