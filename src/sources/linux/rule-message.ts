/** RTM_NEWRULE: which routing tables are looked at beside main (linux/fib_rules.h, ip-rule(8)). */

import type { IpFamily } from "../../net-address/ip-address.ts";
import { AF_OF, ipFamilyOf } from "../../os/socket.ts";
import { attributeU32, type Frame, indexAttributes, type Message, request } from "./netlink-wire.ts";
import { FR_ACT_TO_TBL, FRA, NLM_F, RT_TABLE_DEFAULT, RT_TABLE_LOCAL, RT_TABLE_MAIN, RTM, SIZE } from "./rtnetlink.ts";

/** A rule that leads to a table of somebody's own. */
export interface TableRule {
  readonly family: IpFamily;
  readonly priority: number;
  readonly table: number;
}

export function ruleDumpRequest(family: IpFamily): Frame {
  const body = new Uint8Array(SIZE.rtmsg); // struct fib_rule_hdr has the same layout
  body[0] = AF_OF[family];
  return request(RTM.GETRULE, NLM_F.REQUEST | NLM_F.DUMP, body);
}

const attributes = new Uint32Array(FRA.TABLE + 1);
/** Tables that every system has. */
const BUILT_IN: ReadonlySet<number> = new Set([0, RT_TABLE_DEFAULT, RT_TABLE_MAIN, RT_TABLE_LOCAL]);

/** Undefined for a rule that leads to no table, or to one that every system has. */
export function parseTableRule(frame: Frame, { type, start, end }: Message): TableRule | undefined {
  if (type !== RTM.NEWRULE || end - start < SIZE.rtmsg) return undefined;
  // struct fib_rule_hdr: family, dst_len, src_len, tos, table, two reserved, action, flags (32).
  const family = ipFamilyOf(frame.bytes[start]);
  if (family === undefined || frame.bytes[start + 7] !== FR_ACT_TO_TBL) return undefined;
  indexAttributes(frame, start + SIZE.rtmsg, end, attributes);
  const table = attributeU32(frame, attributes, FRA.TABLE) ?? frame.bytes[start + 4] ?? 0;
  if (BUILT_IN.has(table)) return undefined;
  return { family, priority: attributeU32(frame, attributes, FRA.PRIORITY) ?? 0, table };
}
