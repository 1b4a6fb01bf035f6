/** The tables of ipmpstat(8) as the system has printed them: rows of text in its order. Undefined in a row: "?", it could not be found out. */

/** A row: the fields of the mode, by their names in capitals. */
export type PrintedRow = Readonly<Record<string, string | undefined>>;

/** By mode. Empty where it could not be asked for. */
export interface PrintedTables {
  /** ipmpstat -g */
  readonly groups: readonly PrintedRow[];
  /** ipmpstat -i */
  readonly interfaces: readonly PrintedRow[];
  /** ipmpstat -an */
  readonly addresses: readonly PrintedRow[];
  /** ipmpstat -tn */
  readonly targets: readonly PrintedRow[];
}
