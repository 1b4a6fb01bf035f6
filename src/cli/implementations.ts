/** What each subcommand does. Each loads its own code only, so that `version` does not pay for a web server. */

import type { CommandName, Run } from "./command.ts";

type Load = () => Promise<{ readonly run: Run }>;

export const IMPLEMENTATIONS: Readonly<Record<CommandName, Load>> = {
  serve: () => import("./serve.ts"),
  "check-config": () => import("./check-config.ts"),
  ipmpstat: () => import("./ipmpstat.ts"),
  kstat: () => import("./kstat.ts"),
  offline: () => import("./offline.ts"),
  online: () => import("./online.ts"),
  status: () => import("./status.ts"),
  top: () => import("./top.ts"),
  replay: () => import("./replay.ts"),
  completion: () => import("./completion.ts"),
  version: () => import("./version.ts"),
};
