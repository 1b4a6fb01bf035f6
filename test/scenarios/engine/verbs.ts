/** The commands of engine stories, one a file. */

import type { Verbs } from "../story.ts";
import { address } from "./address.ts";
import { arp } from "./arp.ts";
import { condemn } from "./condemn.ts";
import { count } from "./count.ts";
import { down } from "./down.ts";
import { duplicate } from "./duplicate.ts";
import { fault } from "./fault.ts";
import { flags } from "./flags.ts";
import { group } from "./group.ts";
import { info } from "./info.ts";
import { join } from "./join.ts";
import { kstat } from "./kstat.ts";
import { leave } from "./leave.ts";
import { link } from "./link.ts";
import { mtu } from "./mtu.ts";
import { neighbour } from "./neighbour.ts";
import { neighbours } from "./neighbours.ts";
import { note } from "./note.ts";
import { probe } from "./probe.ts";
import { rename } from "./rename.ts";
import { route } from "./route.ts";
import { send } from "./send.ts";
import { set } from "./set.ts";
import { show } from "./show.ts";
import type { EngineStage } from "./stage.ts";
import { uncounted } from "./uncounted.ts";
import { unplumb } from "./unplumb.ts";
import { up } from "./up.ts";
import { wait } from "./wait.ts";
import { watch } from "./watch.ts";
import { where } from "./where.ts";
import { write } from "./write.ts";

export const ENGINE_VERBS: Verbs<EngineStage> = {
  address,
  arp,
  condemn,
  count,
  down,
  duplicate,
  fault,
  flags,
  group,
  info,
  join,
  kstat,
  leave,
  link,
  mtu,
  neighbour,
  neighbours,
  note,
  probe,
  rename,
  route,
  send,
  set,
  show,
  uncounted,
  unplumb,
  up,
  wait,
  watch,
  where,
  write,
};
