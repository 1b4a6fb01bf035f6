/** The commands of daemon stories, one a file. */

import type { Verbs } from "../story.ts";
import { addresses } from "./addresses.ts";
import { audit } from "./audit.ts";
import { busy } from "./busy.ts";
import { carry } from "./carry.ts";
import { disk } from "./disk.ts";
import { events } from "./events.ts";
import { failback } from "./failback.ts";
import { group } from "./group.ts";
import { kill } from "./kill.ts";
import { link } from "./link.ts";
import { members } from "./members.ts";
import { metrics } from "./metrics.ts";
import { offline } from "./offline.ts";
import { online } from "./online.ts";
import { overflow } from "./overflow.ts";
import { own } from "./own.ts";
import { reboot } from "./reboot.ts";
import { refused } from "./refused.ts";
import { reload } from "./reload.ts";
import { routes } from "./routes.ts";
import type { DaemonStage } from "./stage.ts";
import { start } from "./start.ts";
import { stop } from "./stop.ts";
import { ungroup } from "./ungroup.ts";
import { wait } from "./wait.ts";

export const DAEMON_VERBS: Verbs<DaemonStage> = {
  addresses,
  audit,
  busy,
  carry,
  disk,
  events,
  failback,
  group,
  kill,
  link,
  members,
  metrics,
  offline,
  online,
  overflow,
  own,
  reboot,
  refused,
  reload,
  routes,
  start,
  stop,
  ungroup,
  wait,
};
