/** What kind of medium a link is: hardware types of if_arp.h as DLPI media types (sys/dlpi.h) and interface types (IANAifType). */

export interface Medium {
  /** ill_mactype: members of a group must agree on it. */
  readonly mactype: number;
  /** ill_type. */
  readonly type: number;
}

const MEDIA: ReadonlyMap<number, Medium> = new Map([
  [1, { mactype: 0x04, type: 6 }], // ARPHRD_ETHER: DL_ETHER, ethernetCsmacd
  [6, { mactype: 0x02, type: 9 }], // ARPHRD_IEEE802: DL_TPR, iso88025TokenRing
  [774, { mactype: 0x08, type: 15 }], // ARPHRD_FDDI: DL_FDDI, fddi
  [32, { mactype: 0x1a, type: 199 }], // ARPHRD_INFINIBAND: DL_IB, infiniband
  [512, { mactype: 0x09, type: 23 }], // ARPHRD_PPP: DL_OTHER (DLPI has no PPP), ppp
  [772, { mactype: 0x0e, type: 24 }], // ARPHRD_LOOPBACK: DL_LOOP, softwareLoopback
  [801, { mactype: 0x8000_0004, type: 71 }], // ARPHRD_IEEE80211: DL_WIFI, ieee80211
]);

/** Added to a hardware type that is not listed, so that its media type differs from every other one's. */
const UNLISTED = 0x4000_0000;

export function mediumOf(hardwareType: number): Medium {
  return MEDIA.get(hardwareType) ?? { mactype: UNLISTED + hardwareType, type: 1 };
}
