/** The commands of the documentation: found in its fenced `sh` blocks, and those that no test can run, each with its reason. */

import { fences, PAGES, page } from "./pages.ts";

export interface Documented {
  readonly page: string;
  readonly line: number;
  /** As the shell gets it: continued lines joined, no remark behind it. */
  readonly command: string;
}

/** Every command of every page. Older pages indent theirs: a line that begins as a command of ours does is one. */
export function documented(): Documented[] {
  return PAGES.flatMap((path) => {
    const text = page(path);
    const fenced = fences(text)
      .filter(({ language }) => language === "sh" || language === "console")
      .flatMap(({ language, text: block, line }) => lines(language === "sh" ? block : typed(block), line));
    const indented = [...text.matchAll(/^ {4}(?=(?:npm|node|curl|ipmp-exporter) )(.*)$/gm)].map(
      ({ 1: line = "", index }) => ({
        command: withoutRemark(line),
        line: text.slice(0, index).split("\n").length,
      }),
    );
    return [...fenced, ...indented].map((found) => ({ page: path, ...found }));
  });
}

/** What a person typed in a session; what came back stays as empty lines. */
const typed = (session: string) => session.replaceAll(/^(?!\$ ).*$/gm, "").replaceAll(/^\$ /gm, "");

function lines(block: string, first: number): { readonly command: string; readonly line: number }[] {
  let begun = "";
  return block.split("\n").flatMap((text, index) => {
    if (text.endsWith("\\")) {
      begun += `${text.slice(0, -1).trim()} `;
      return [];
    }
    const command = withoutRemark(begun + text.trim());
    begun = "";
    return command === "" ? [] : [{ command, line: first + index }];
  });
}

const withoutRemark = (line: string) => line.replace(/(?:^|\s+)#\s.*$/, "").trim();

/** `status` exits with the state of the worst group: the group storage of the example has no member where these commands are run. */
export function expectedExitOf(command: string): number {
  return /^(?:node dist\/main\.js|ipmp-exporter) status\b/.test(command) ? 2 : 0;
}

export interface Reason {
  readonly commands: RegExp;
  readonly because: string;
  /** The test that looks after what the command is about instead. */
  readonly test: string;
}

/** Why a command is not run here. */
export const NOT_RUN: readonly Reason[] = [
  {
    commands: /^npm ci\b|^npm run build$|^npm test\b|^npm run ok$|^scripts\/install-test-tools$/,
    because: "this is such a run, and it would build what it runs on: .ci/run begins with them",
    test: "repository/readme.test.ts",
  },
  {
    commands: /^(?:npm ci && .*)?(?:sudo )?npm run demo$/,
    because: "takes a minute; with --fast it is run by a test of its own",
    test: "docs/demo.test.ts",
  },
  {
    commands: /^(?:node dist\/main\.js|ipmp-exporter) top$/,
    because: "needs a terminal, and goes on until somebody presses q",
    test: "system/top.test.ts",
  },
  {
    commands: /^ipmp-exporter status --without card=/,
    because: "names a card and a switch, which the veth links of this host have not; the worlds have some",
    test: "what-if/worlds.test.ts",
  },
  {
    commands: /^npm run watch\b/,
    because: "goes on until it is ended; a small package is watched",
    test: "scripts/watch.test.ts",
  },
  {
    commands: /^npm run format$/,
    because: "changes the checkout; whether it would is a gate",
    test: "repository/gates.test.ts",
  },
  {
    commands: /^npm run dashboards$/,
    because: "changes the checkout; whether it would is tested",
    test: "dashboards/generated.test.ts",
  },
  {
    commands: /^npm run references$/,
    because: "changes the checkout; whether it would is tested, and that it does",
    test: "docs/references.test.ts",
  },
  {
    commands: /^npm run bench\b/,
    because: "measures for minutes; the quick rows of the accuracy table are tests",
    test: "system/disturbances.test.ts",
  },
  {
    commands: /^npm run node-matrix$/,
    because: "installs other versions of Node; what ships is tested on this one",
    test: "repository/package.test.ts",
  },
  {
    commands: /^ipmp-exporter replay (?:--probes )?</,
    because: "its trace is one of test/conformance; each of them is replayed",
    test: "conformance/conformance.test.ts",
  },
  {
    commands: /^deploy\/debian\/build$|^sudo apt install /,
    because: "takes long and changes the host; the package is built, installed and judged by a test of its own",
    test: "deploy/debian.test.ts",
  },
  {
    commands: /^deploy\/tarball$|^tar -xzf ipmp-exporter-|^ipmp-exporter-\S+\/dist\/main\.js$/,
    because: "takes long; the tarball is built, unpacked and run by a test of its own",
    test: "deploy/tarball.test.ts",
  },
  {
    commands: /^install .* deploy\/(?:systemd\/|config\.yml)|^systemd-sysusers |^systemctl /,
    because: "changes the host and needs systemd as its init; the unit is judged and the program run under its filter",
    test: "deploy/systemd.test.ts",
  },
  {
    commands: /^install .* deploy\/apparmor\/|^apparmor_parser /,
    because:
      "changes the host and needs a kernel with AppArmor; the profile is read and held against a trace of the program",
    test: "deploy/confinement.test.ts",
  },
  {
    commands: /^podman (?:build|run) /,
    because: "needs a container engine and base images; the steps of the Containerfile are followed by a test",
    test: "deploy/container.test.ts",
  },
  {
    commands: /^kubectl apply |^helm install /,
    because: "needs a cluster; the objects are rendered and judged",
    test: "deploy/kubernetes.test.ts",
  },
];
