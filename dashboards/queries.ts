/**
 * Every PromQL expression of the dashboards. Metric names are those of src/exposition/prometheus; the selectors are the variables of
 * variables.ts. The dashboards need no recording rule; where a rule records the same thing, a test holds the two together.
 */

const INSTANCE = ['job=~"$job"', 'instance=~"$instance"'];
const GROUP = [...INSTANCE, 'group=~"$group"'];

/** A metric of the whole exporter, as the variables select it. */
function exporter(metric: string, ...matchers: readonly string[]): string {
  return `${metric}{${[...INSTANCE, ...matchers].join(", ")}}`;
}

/** A metric of groups or their members, as the variables select it. */
function group(metric: string, ...matchers: readonly string[]): string {
  return `${metric}{${[...GROUP, ...matchers].join(", ")}}`;
}

const rate = (selector: string): string => `rate(${selector}[$__rate_interval])`;
const inRange = (selector: string): string => `increase(${selector}[$__range])`;
/** Links and traffic are spoken of in bits per second; Prometheus has bytes. */
const bits = (expression: string): string => `8 * ${expression}`;

const memberState = (state: string): string => group("ipmp_group_members", `state="${state}"`);
/** A standby that waits (inactive) can take over, so it is as good as an active member. */
const usable = `sum without (state) (${group("ipmp_group_members", 'state=~"active|inactive"')})`;
const expected = group("ipmp_group_members_expected");

/** 0 = all there, 1 = fewer than promised, 2 = the next failure is an outage, 3 = failed; see REDUNDANCY in states.ts. */
const redundancyLoss = `clamp_max(
  (${usable} < bool ${expected})
    + (${usable} < bool 2) * (${expected} >= bool 2)
    + 3 * (${usable} == bool 0),
  3
)`;

/** Speeds of members that could carry traffic. */
const usableSpeeds = `(
    ${group("ipmp_member_speed_bytes")}
    unless ignoring (flag) (${group("ipmp_member_flag", 'flag=~"FAILED|OFFLINE"')} == 1)
  )`;
/** Only where the speed of each of them is known: a sum without one of them would be a false alarm. */
const allSpeedsKnown = `(count without (device) ${usableSpeeds} == ${usable})`;
const capacity = `sum without (device) ${usableSpeeds}
  and ${allSpeedsKnown}`;
const capacityWithoutLargest = `(
  sum without (device) ${usableSpeeds}
  - max without (device) ${usableSpeeds}
)
  and ${allSpeedsKnown}`;

const receive = rate(group("ipmp_group_receive_bytes_total"));
const transmit = rate(group("ipmp_group_transmit_bytes_total"));
/** Links are full duplex: the busier direction is what has to fit. */
const busierDirection = `(
  (${receive} > ${transmit})
  or ${transmit}
)`;
const memberTransmit = rate(group("ipmp_member_transmit_bytes_total"));
const activeMemberTransmit = `(
  ${memberTransmit}
  and ${group("ipmp_member_active")} == 1
)`;

const countAt = (level: number): string => `sum((${redundancyLoss}) == bool ${level})`;

/** A like driver, or one device for all ports, is shared by design nearly everywhere. */
const sharedFate = group("ipmp_group_shared_fate", 'kind!~"driver|chassis"');

/** About groups, wherever they are. */
export const fleet = {
  hosts: `count(count by (job, instance) (${group("ipmp_group_info")}))`,
  groups: `count(${group("ipmp_group_info")})`,
  groupsReduced: countAt(1),
  groupsAtRisk: countAt(2),
  groupsFailed: countAt(3),
  groupsFull: countAt(0),
  /** A host whose exporter is silent has no groups here at all, and would not be missed. */
  exportersSilent: `sum(${exporter("up")} == bool 0)`,
  hostsAtRisk: `sum((max by (job, instance) (${redundancyLoss})) >= bool 2)`,
  worstByHost: `max by (job, instance) (${redundancyLoss})`,
  groupsByHost: `count by (job, instance) (${group("ipmp_group_info")})`,
  groupsAtRiskByHost: `sum by (job, instance) ((${redundancyLoss}) >= bool 2)`,
  failoversByHost: `sum by (job, instance) (${inRange(group("ipmp_group_failovers_total"))})`,
  failoversBusiest: `topk(10, sum by (job, instance) (${inRange(group("ipmp_group_failovers_total"))}))`,
  groupsByDomain: `count by (kind, domain) (${sharedFate})`,
  hostsByDomain: `count by (kind, domain) (count by (kind, domain, job, instance) (${sharedFate}))`,
  sharedFate,
  lossOfThoseThatLost: `${redundancyLoss}
and (
  max_over_time((${redundancyLoss})[$__range:$__interval]) > 0
)`,
} as const;

/** About one group each: labels job, instance and group. */
export const groups = {
  info: group("ipmp_group_info"),
  redundancyLoss,
  usable,
  expected,
  missing: `${expected} - sum without (state) (${group("ipmp_group_members")})`,
  members: (state: string) => memberState(state),
  state: `max without (state) (
  2 * ${group("ipmp_group_state", 'state="failed"')}
  or ${group("ipmp_group_state", 'state="degraded"')}
)`,
  linkUp: group("ipmp_group_link_up"),
  receive: bits(receive),
  transmit: bits(transmit),
  receiveAll: bits(`sum(${receive})`),
  transmitAll: bits(`sum(${transmit})`),
  receivePackets: rate(group("ipmp_group_receive_packets_total")),
  transmitPackets: rate(group("ipmp_group_transmit_packets_total")),
  receiveErrors: rate(group("ipmp_group_receive_errors_total")),
  transmitErrors: rate(group("ipmp_group_transmit_errors_total")),
  receiveMulticast: rate(group("ipmp_group_receive_multicast_packets_total")),
  capacity: `8 * (${capacity})`,
  capacityWithoutLargest: `8 * (${capacityWithoutLargest})`,
  headroom: `8 * (
  ${capacityWithoutLargest}
)
- 8 * ${busierDirection}`,
  loadWithoutLargest: `${busierDirection}
/ (
  ${capacityWithoutLargest}
  > 0
)`,
  busierDirection: bits(busierDirection),
  imbalance: `max without (device) ${activeMemberTransmit}
/ (avg without (device) ${activeMemberTransmit} > 0)`,
  failoversInRange: inRange(group("ipmp_group_failovers_total")),
  failoversAll: `sum(${inRange(group("ipmp_group_failovers_total"))})`,
  failovers: `increase(${group("ipmp_group_failovers_total")}[$__rate_interval])`,
  sinceFailover: `time() - ${group("ipmp_group_last_failover_timestamp_seconds")}`,
  failoverInstant: `${group("ipmp_group_last_failover_timestamp_seconds")} * 1000`,
  shareOfTimeOk: `${rate(group("ipmp_group_state_seconds_total", 'state="ok"'))}`,
  secondsNotOk: `sum without (state) (${inRange(group("ipmp_group_state_seconds_total", 'state=~"degraded|failed"'))})`,
  secondsFailed: inRange(group("ipmp_group_state_seconds_total", 'state="failed"')),
  mtu: group("ipmp_group_mtu_bytes"),
  addresses: group("ipmp_group_addresses"),
  nominee: `${group("ipmp_group_cast_device")} == 1`,
  rebinds: `increase(${group("ipmp_group_rebinds_total")}[$__rate_interval])`,
  castChanges: `increase(${group("ipmp_group_cast_changes_total")}[$__rate_interval])`,
  kstat: `ipmp_kstat{job=~"$job", instance=~"$instance", module="ipmp"}
* on (job, instance, name) group_left (group)
  label_replace(${group("ipmp_group_info")}, "name", "$1", "ifname", "(.*)")`,
} as const;

/** About one member each: labels job, instance, group and device. */
export const members = {
  info: group("ipmp_member_info"),
  state: `max without (flag) (
  3 * ${group("ipmp_member_flag", 'flag="FAILED"')}
  or 2 * ${group("ipmp_member_flag", 'flag="OFFLINE"')}
  or ${group("ipmp_member_flag", 'flag="INACTIVE"')}
)`,
  standby: `sum without (flag) (${group("ipmp_member_flag", 'flag="STANDBY"')})`,
  linkUp: group("ipmp_member_link_up"),
  speed: bits(group("ipmp_member_speed_bytes")),
  boundAddresses: group("ipmp_member_bound_addresses"),
  receive: bits(rate(group("ipmp_member_receive_bytes_total"))),
  transmit: bits(memberTransmit),
  utilisation: `${memberTransmit}
/ ${group("ipmp_member_speed_bytes")}`,
  receiveErrors: rate(group("ipmp_member_receive_errors_total")),
  transmitErrors: rate(group("ipmp_member_transmit_errors_total")),
  failuresInRange: `sum without (reason) (${inRange(group("ipmp_member_failures_total"))})`,
  failures: `increase(${group("ipmp_member_failures_total")}[$__rate_interval])`,
  repairs: `increase(${group("ipmp_member_repairs_total")}[$__rate_interval])`,
} as const;

/** Of both address families. */
const ofMember = (metric: string): string => `sum without (family) (${rate(group(metric))})`;

/** What probes say of the path behind each member: labels job, instance, group and device. Absent where no member is probed. */
export const paths = {
  /** Answers that came late are no losses. */
  loss: `(
  ${ofMember("ipmp_probe_lost_total")}
  - ${ofMember("ipmp_probe_late_total")}
)
/ (${ofMember("ipmp_probe_sent_total")} > 0)`,
  roundTripMean: `${ofMember("ipmp_probe_round_trip_seconds_sum")}
/ (${ofMember("ipmp_probe_round_trip_seconds_count")} > 0)`,
  roundTripAlmostAll: `histogram_quantile(
  0.99,
  ${ofMember("ipmp_probe_round_trip_seconds_bucket")}
)`,
  detectionTime: group("ipmp_group_failure_detection_time_seconds"),
  targetsMute: group("ipmp_group_targets_mute"),
  targetsActive: `sum without (state) (${group("ipmp_probe_targets", 'state="active"')})`,
  targetsSetAside: `sum without (state) (${group("ipmp_probe_targets", 'state=~"slow|dead"')})`,
  method: group("ipmp_probe_method"),
} as const;

/** The host that a series is of, as a label that the series of several exporters share: the instance without its port. */
const byHost = (expression: string): string =>
  `label_replace(${expression}, "host", "$1", "instance", "(.+?)(?::[0-9]+)?")`;

/** A metric of node_exporter on any host that it watches; joined, only the chosen hosts are left. */
const ofNode = (metric: string, ...matchers: readonly string[]): string =>
  `${metric}{${['job=~"$node_job"', ...matchers].join(", ")}}`;

/** The members of the chosen groups, as a factor that gives a link's series its group. */
const membership = `on (host, device) group_left (group)
  max by (host, group, device) (${byHost(group("ipmp_member_info"))})`;
/** The chosen groups, for what is of a device or a bond that is called as the group is. */
const theGroups = `max by (host, group) (${byHost(group("ipmp_group_info"))})`;
const ofLinks = (metric: string): string => `sum by (host, group) (
  ${byHost(rate(ofNode(metric)))}
  * ${membership}
)`;
const ofDevice = (metric: string): string => `${byHost(rate(ofNode(metric, 'device=~"$group"')))}
and on (host, device) label_replace(${theGroups}, "device", "$1", "group", "(.+)")`;
const ofGroup = (metric: string): string => `sum by (host, group) (${byHost(rate(group(metric)))})`;

/** What node_exporter says of the links of groups, and the same of ipmp-exporter, both with the label host. */
export const before = {
  receiveOfLinks: bits(ofLinks("node_network_receive_bytes_total")),
  receiveOfDevice: bits(`(
  ${ofDevice("node_network_receive_bytes_total")}
)`),
  receiveOfGroup: bits(ofGroup("ipmp_group_receive_bytes_total")),
  transmitOfLinks: bits(ofLinks("node_network_transmit_bytes_total")),
  transmitOfDevice: bits(`(
  ${ofDevice("node_network_transmit_bytes_total")}
)`),
  transmitOfGroup: bits(ofGroup("ipmp_group_transmit_bytes_total")),
  difference: `8 * ${ofGroup("ipmp_group_receive_bytes_total")}
- 8 * ${ofLinks("node_network_receive_bytes_total")}`,
  bondActive: `label_replace(${byHost(ofNode("node_bonding_active", 'master=~"$group"'))}, "group", "$1", "master", "(.+)")
and on (host, group) ${theGroups}`,
  usable: `sum by (host, group) (${byHost(usable)})`,
  carrier: `${byHost(ofNode("node_network_carrier"))}
* ${membership}`,
  linkUp: `max by (host, group, device) (${byHost(group("ipmp_member_link_up"))})`,
  failures: `sum by (host, group, device) (${byHost(inRange(group("ipmp_member_failures_total")))})`,
} as const;

/** About the exporter itself. */
export const health = {
  up: exporter("up"),
  upMin: `min(${exporter("up")})`,
  collectorSuccessMin: `min(${exporter("ipmp_scrape_collector_success")})`,
  build: exporter("ipmp_exporter_build_info"),
  source: exporter("ipmp_source_info"),
  uptime: `time() - ${exporter("process_start_time_seconds")}`,
  scrapeDuration: exporter("scrape_duration_seconds"),
  scrapeSamples: exporter("scrape_samples_scraped"),
  collectorSuccess: exporter("ipmp_scrape_collector_success"),
  collectorDuration: exporter("ipmp_scrape_collector_duration_seconds"),
  /** Zero where nothing was ever reset: a counter of an event has no series before the first. */
  resets: `sum without (device) (increase(${exporter("ipmp_discontinuities_total")}[$__rate_interval]))
or on (job, instance)
  sum without (source) (0 * ${exporter("ipmp_source_info")})`,
  gaps: `increase(${exporter("ipmp_source_gaps_total")}[$__rate_interval])`,
  joinRefused: `sum by (job, instance) (${exporter("ipmp_group_join_refused")})
or sum by (job, instance) (0 * ${exporter("ipmp_source_info")})`,
  supported: exporter("ipmp_statistic_supported"),
  cpu: rate(exporter("process_cpu_seconds_total")),
  residentMemory: exporter("process_resident_memory_bytes"),
  heapUsed: exporter("nodejs_heap_size_used_bytes"),
  eventLoopLag: exporter("nodejs_eventloop_lag_seconds"),
  openFiles: `${exporter("process_open_fds")}
/ ${exporter("process_max_fds")}`,
  garbageCollection: `sum without (kind) (${rate(exporter("nodejs_gc_duration_seconds_sum"))})`,
} as const;
