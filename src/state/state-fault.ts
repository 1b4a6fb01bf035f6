/** What can be wrong with a file of the state, as a value. The word stands in the log, in a metric and in the name of the file set aside. */

/**
 * - damaged: written by this program and changed since, cut off, or of a form that no version has written
 * - foreign: written by another program
 * - newer: written by a later version of this one
 * - unreadable: the system does not let us read it
 */
export type FaultName = "damaged" | "foreign" | "newer" | "unreadable";

export interface StateFault {
  readonly kind: "fault";
  readonly fault: FaultName;
  /** For people: what was found. */
  readonly message: string;
}

export function stateFault(fault: FaultName, message: string): StateFault {
  return { kind: "fault", fault, message };
}
