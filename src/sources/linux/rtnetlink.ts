/** Numbers of the rtnetlink protocol that we use: linux/netlink.h, linux/rtnetlink.h, linux/if_link.h, linux/if_addr.h. */

export const NETLINK_ROUTE = 0;
export const NETLINK_GENERIC = 16;

export const NLM_F = { REQUEST: 0x1, ACK: 0x4, DUMP: 0x300, DUMP_INTR: 0x10 } as const;
export const NLMSG = { ERROR: 2, DONE: 3, OVERRUN: 4 } as const;

export const RTM = {
  NEWLINK: 16,
  DELLINK: 17,
  GETLINK: 18,
  NEWADDR: 20,
  DELADDR: 21,
  GETADDR: 22,
  NEWROUTE: 24,
  DELROUTE: 25,
  GETROUTE: 26,
  NEWNEIGH: 28,
  DELNEIGH: 29,
  GETNEIGH: 30,
  NEWRULE: 32,
  DELRULE: 33,
  GETRULE: 34,
  NEWNETCONF: 80,
  NEWSTATS: 92,
  GETSTATS: 94,
  NEWNEXTHOP: 104,
  DELNEXTHOP: 105,
  GETNEXTHOP: 106,
} as const;

/** Multicast groups (RTNLGRP_*). */
export const RTNLGRP = {
  LINK: 1,
  NEIGH: 3,
  IPV4_IFADDR: 5,
  IPV4_ROUTE: 7,
  IPV4_RULE: 8,
  IPV6_IFADDR: 9,
  IPV6_ROUTE: 11,
  IPV6_RULE: 19,
  IPV4_NETCONF: 24,
  IPV6_NETCONF: 25,
  NEXTHOP: 32,
} as const;

/** Sizes of the fixed parts. */
export const SIZE = {
  ifinfomsg: 16,
  if_stats_msg: 12,
  ifaddrmsg: 8,
  rtmsg: 12,
  ndmsg: 12,
  rtnexthop: 8,
  nhmsg: 8,
  nexthop_grp: 8,
} as const;

export const IFLA = {
  ADDRESS: 1,
  IFNAME: 3,
  MTU: 4,
  LINK: 5,
  MASTER: 10,
  OPERSTATE: 16,
  LINKINFO: 18,
  IFALIAS: 20,
  STATS64: 23,
  EXT_MASK: 29,
  PHYS_SWITCH_ID: 36,
  LINK_NETNSID: 37,
  PHYS_PORT_NAME: 38,
  PROP_LIST: 52,
  ALT_IFNAME: 53,
  PARENT_DEV_NAME: 56,
} as const;
/** Of IFLA_EXT_MASK: VLANs of bridge ports, which only messages of family AF_BRIDGE have. */
export const RTEXT_FILTER_BRVLAN = 2;
export const IFLA_INFO = { KIND: 1, DATA: 2, SLAVE_KIND: 4, SLAVE_DATA: 5 } as const;
/** Of the data of two other kinds: the link that a tunnel is bound to, and the routing table of a VRF. */
export const IFLA_VXLAN_LINK = 3;
export const IFLA_VRF_TABLE = 1;
export const IFLA_BOND = {
  MODE: 1,
  ACTIVE_SLAVE: 2,
  MIIMON: 3,
  ARP_INTERVAL: 7,
  PRIMARY: 11,
  MIN_LINKS: 18,
  AD_LACP_RATE: 21,
  AD_INFO: 23,
} as const;
export const IFLA_BOND_AD_INFO = { AGGREGATOR: 1, ACTOR_KEY: 3, PARTNER_KEY: 4, PARTNER_MAC: 5 } as const;
export const IFLA_BOND_SLAVE = {
  STATE: 1,
  MII_STATUS: 2,
  LINK_FAILURE_COUNT: 3,
  PERM_HWADDR: 4,
  AD_AGGREGATOR_ID: 6,
  AD_ACTOR_OPER_PORT_STATE: 7,
  AD_PARTNER_OPER_PORT_STATE: 8,
} as const;
export const IFLA_STATS_LINK_64 = 1;

export const IFA = { ADDRESS: 1, LOCAL: 2, FLAGS: 8 } as const;
export const IFA_F = { OPTIMISTIC: 0x04, DADFAILED: 0x08, TENTATIVE: 0x40 } as const;

/** Of neighbours: linux/neighbour.h. */
export const NDA = { DST: 1, LLADDR: 2 } as const;
export const NUD_FAILED = 0x20;
export const NUD_USABLE = { REACHABLE: 0x02, STALE: 0x04, DELAY: 0x08, PROBE: 0x10, PERMANENT: 0x80 } as const;

export const RTA = { OIF: 4, GATEWAY: 5, PRIORITY: 6, MULTIPATH: 9, TABLE: 15, VIA: 18, PREF: 20, NH_ID: 30 } as const;
export const RTNH_F = { DEAD: 1, LINKDOWN: 16 } as const;
export const RT_TABLE_DEFAULT = 253;
export const RT_TABLE_MAIN = 254;
export const RT_TABLE_LOCAL = 255;
/** Learnt from a router advertisement, by the kernel or by a network manager. */
export const RTPROT_RA = 9;
/** The link that every network namespace has. */
export const LOOPBACK_IFINDEX = 1;
export const FRA = { PRIORITY: 6, TABLE: 15 } as const;
export const FR_ACT_TO_TBL = 1;
/** Attributes of next hops that are objects (linux/nexthop.h). */
export const NHA = { ID: 1, GROUP: 2, GROUP_TYPE: 3, OIF: 5, GATEWAY: 6 } as const;
/** The kind of nexthop group that spreads flows by a hash; the other kind (NEXTHOP_GRP_TYPE_RES) keeps flows where they are. */
export const NEXTHOP_GRP_TYPE_MPATH = 0;
/** Kinds of routes: to next hops, or to nobody (blackhole, unreachable, prohibit). */
export const RTN = { UNICAST: 1, BLACKHOLE: 6, UNREACHABLE: 7, PROHIBIT: 8 } as const;
/** A cached clone, not a route of the table. */
export const RTM_F_CLONED = 0x200;

/** Interface flags, linux/if.h. */
export const IFF = {
  UP: 0x1,
  LOOPBACK: 0x8,
  POINTOPOINT: 0x10,
  RUNNING: 0x40,
  NOARP: 0x80,
  PROMISC: 0x100,
  MULTICAST: 0x1000,
} as const;
