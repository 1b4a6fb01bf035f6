/** The words of which a key takes one. */

export const AUTH_PROTOCOLS = ["SHA-1", "SHA-224", "SHA-256", "SHA-384", "SHA-512"] as const;

/** AES-256-C is the key extension of draft-reeder, which Cisco uses; AES-256 that of draft-blumenthal, as in net-snmp. */
export const PRIV_PROTOCOLS = ["AES-128", "AES-256", "AES-256-C"] as const;

/** `merge`: the groups' rows among the master's own. `replace`: our tables instead of the master's. */
export const AGENTX_MODES = ["merge", "replace"] as const;

export const LOG_FORMATS = ["logfmt", "json"] as const;
export type LogFormat = (typeof LOG_FORMATS)[number];

export const PROBE_METHODS = ["auto", "icmp", "udp"] as const;

export const SOURCE_CHOICES = ["auto", "netlink", "procfs", "illumos"] as const;

/** How another system's links are read. */
export const SOURCE_KINDS = ["snmp", "illumos"] as const;

/** What of a device becomes groups by itself. */
export const DISCOVERIES = ["lags"] as const;

/** What a link of an LACP bond is that waits, with a partner of its own. */
export const OTHER_AGGREGATOR = ["standby", "failed"] as const;
