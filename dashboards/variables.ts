/** What is chosen at the top of a dashboard, as data; dashboard.ts and v2.ts write it down in their formats. */

export interface QueryVariable {
  readonly name: string;
  readonly label: string;
  /** In the syntax of Grafana's Prometheus data source. */
  readonly query: string;
  readonly description: string;
  /** Whether "All" may be chosen, and is at first. */
  readonly all: boolean;
  readonly multi: boolean;
}

export const DATASOURCE = { name: "datasource", label: "Data source", plugin: "prometheus" } as const;

const job = (metric: string): QueryVariable => ({
  name: "job",
  label: "Job",
  query: `label_values(${metric}, job)`,
  description: "The scrape job of the exporters.",
  all: true,
  multi: true,
});

const instance = (metric: string, all: boolean): QueryVariable => ({
  name: "instance",
  label: "Instance",
  query: `label_values(${metric}{job=~"$job"}, instance)`,
  description: "The hosts.",
  all,
  multi: true,
});

const group = (all: boolean): QueryVariable => ({
  name: "group",
  label: "Group",
  query: 'label_values(ipmp_group_info{job=~"$job", instance=~"$instance"}, group)',
  description: "The groups of redundant links on those hosts.",
  all,
  multi: all,
});

/** For dashboards that compare groups. */
export const ALL_GROUPS = [job("ipmp_group_info"), instance("ipmp_group_info", true), group(true)];
/** For a dashboard about one group. */
export const ONE_GROUP = [job("ipmp_group_info"), instance("ipmp_group_info", false), group(false)];
/** For those who move from node_exporter: its job as well. */
export const MOVING: readonly QueryVariable[] = [
  ...ALL_GROUPS,
  {
    name: "node_job",
    label: "Job of node_exporter",
    query: "label_values(node_network_receive_bytes_total, job)",
    description: "The scrape job of node_exporter.",
    all: true,
    multi: true,
  },
];
/** An exporter without a group is still an exporter. */
export const EXPORTERS = [job("ipmp_source_info"), instance("ipmp_source_info", true)];
