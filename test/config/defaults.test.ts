/** What holds where nothing is said. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { configuration, ENVIRONMENT } from "./support.ts";

describe("with no file at all", () => {
  test("everything has a value", () =>
    assert.deepEqual(configuration(""), {
      file: "/etc/ipmp/c.yml",
      groups: [],
      sources: [],
      sharedFate: [],
      discovery: { bonds: true, teams: true, defaultRoutes: true, illumos: true },
      detection: {
        failureDetectionTime: 10_000,
        failback: true,
        lacpOtherAggregator: "standby",
        probes: { enabled: false, method: "auto", targets: new Map() },
      },
      web: {
        listenAddresses: [{ kind: "tcp", host: undefined, port: 10_191 }],
        telemetryPath: "/metrics",
        configFile: undefined,
        maxRequests: 40,
        disableExporterMetrics: false,
        openmetricsCreated: false,
        systemdSocket: false,
        enableLifecycle: false,
        hostNames: [],
      },
      snmp: {
        listenAddresses: [{ transport: "udp4", address: "127.0.0.1", port: 1161 }],
        communities: [
          {
            name: "public",
            sources: [
              { family: "ipv4", address: "127.0.0.1", prefixLength: 32 },
              { family: "ipv6", address: "::1", prefixLength: 128 },
            ],
            view: undefined,
          },
        ],
        users: [],
        rateLimit: { perSecond: 1000, burst: 4000 },
        agentx: undefined,
        damping: 1000,
        enterprise: [1, 3, 6, 1, 4, 1, 8072, 9999, 9999, 10191],
        failedStatus: "down",
        notifications: [],
        system: { contact: "", location: "", name: undefined },
      },
      state: {
        file: "/home/operator/.local/state/ipmp-exporter/state.json",
        checkpoint: "*/15 * * * * *",
      },
      control: { socket: "/home/operator/.local/state/ipmp-exporter/control.sock", explicit: false },
      log: { level: "info", format: "logfmt" },
      path: { procfs: "/proc", illumos: "/", sysfs: "/sys", lldpcli: "/usr/sbin/lldpcli", lldpdSocket: undefined },
      source: "auto",
    }));

  test("a community that names nobody is for this host alone", () => {
    const [community] = configuration("snmp: { communities: [{ name: x }] }").snmp.communities;
    assert.deepEqual(
      community?.sources.map(({ address }) => address),
      ["127.0.0.1", "::1"],
    );
  });
});

describe("what is written goes", () => {
  const places = (environment: Readonly<Record<string, string>>, text = "") => {
    const { state, control } = configuration(text, new Map(), { ...ENVIRONMENT, ...environment });
    return [state.file, control.socket];
  };

  test("where systemd says", () =>
    assert.deepEqual(
      places({
        STATE_DIRECTORY: "/var/lib/ipmp:/var/lib/other",
        RUNTIME_DIRECTORY: "/run/ipmp",
        XDG_RUNTIME_DIR: "/x",
      }),
      ["/var/lib/ipmp/state.json", "/run/ipmp/control.sock"],
    ));

  test("else where the user's session says", () =>
    assert.deepEqual(places({ XDG_STATE_HOME: "/home/a/state", XDG_RUNTIME_DIR: "/run/user/1" }), [
      "/home/a/state/ipmp-exporter/state.json",
      "/run/user/1/ipmp-exporter.sock",
    ]));

  test("a relative path of the file starts in those folders", () =>
    assert.deepEqual(
      places(
        { STATE_DIRECTORY: "/s", RUNTIME_DIRECTORY: "/r" },
        "state: { file: a.json }\ncontrol: { socket: b.sock }",
      ),
      ["/s/a.json", "/r/b.sock"],
    ));

  test("nowhere with none", () =>
    assert.deepEqual(places({}, "state: { file: none }\ncontrol: { socket: none }"), [undefined, undefined]));

  test("and whether a control socket was asked for is remembered", () =>
    assert.equal(configuration("control: { socket: a }").control.explicit, true));
});

test("what is read lies beside the file", () =>
  assert.equal(configuration("web: { config_file: web.yml }").web.configFile, "/etc/ipmp/web.yml"));
