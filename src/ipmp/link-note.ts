/** Link notes that the engine injects into a meta-interface (DL_NOTIFY_IND, sys/dlpi.h). */

import type { IpStack } from "./stack.ts";

/** DL_NOTE_* codes. */
export const DL_NOTE = { DL_NOTE_LINK_DOWN: 0x08, DL_NOTE_LINK_UP: 0x10, DL_NOTE_SDU_SIZE: 0x80 } as const;
export type DlNote = keyof typeof DL_NOTE;

export interface DlNotification {
  readonly note: DlNote;
  /** The MTU for DL_NOTE_SDU_SIZE, else 0. */
  readonly data: number;
}

/** ip_dlnotify_alloc: a message, or undefined when there is no memory for it. */
export function ipDlnotifyAlloc(stack: IpStack, note: DlNote, data: number): DlNotification | undefined {
  const notification = { note, data };
  const ok = stack.effects.succeeds("ip_dlnotify_alloc");
  stack.effects.ipDlnotifyAlloc(notification, ok);
  return ok ? notification : undefined;
}
