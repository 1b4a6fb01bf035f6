/**
 * A classic BPF program (linux/filter.h) that lets only default routes through to the socket of route events. A router changes
 * its other routes thousands of times a second, and each would wake the daemon for nothing.
 */

import { RTM } from "./rtnetlink.ts";

const LOAD_HALF = 0x28; // BPF_LD | BPF_H | BPF_ABS
const LOAD_BYTE = 0x30; // BPF_LD | BPF_B | BPF_ABS
const JUMP_EQUAL = 0x15; // BPF_JMP | BPF_JEQ | BPF_K
const RETURN = 0x06; // BPF_RET | BPF_K

/** Offsets in a message: nlmsg_type, and rtm_dst_len behind the header and the family. */
const TYPE = 4;
const DESTINATION_LENGTH = 17;

/** Code, where to go when true and when false (instructions to skip), operand. */
const PROGRAM: readonly (readonly [code: number, yes: number, no: number, operand: number])[] = [
  [LOAD_HALF, 0, 0, TYPE],
  [JUMP_EQUAL, 1, 0, asLoaded(RTM.NEWROUTE)],
  [JUMP_EQUAL, 0, 2, asLoaded(RTM.DELROUTE)],
  [LOAD_BYTE, 0, 0, DESTINATION_LENGTH],
  [JUMP_EQUAL, 0, 1, 0],
  [RETURN, 0, 0, 0xffff_ffff], // the whole message
  [RETURN, 0, 0, 0], // nothing of it
];

/** BPF loads in network order what netlink has in the machine's. */
function asLoaded(type: number): number {
  return new DataView(Uint16Array.of(type).buffer).getUint16(0);
}

/** Array of struct sock_filter: code (16), jt, jf, k (32). */
export function routeFilter(): Uint8Array {
  const bytes = new Uint8Array(8 * PROGRAM.length);
  const u16 = new Uint16Array(bytes.buffer);
  const u32 = new Uint32Array(bytes.buffer);
  PROGRAM.forEach(([code, yes, no, operand], index) => {
    u16[4 * index] = code;
    bytes[8 * index + 2] = yes;
    bytes[8 * index + 3] = no;
    u32[2 * index + 1] = operand;
  });
  return bytes;
}
