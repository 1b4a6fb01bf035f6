/** Ops on link kstats: the counters of links. A trace may give them any names, types and values. */

import { hrtime } from "../../kstat/hrtime.ts";
import { KSTAT_KINDS, type Kstat } from "../../kstat/kstat.ts";
import { BITS, Schema, STATISTIC_TYPES, type StatisticDefinition } from "../../kstat/schema.ts";
import { type Fields, list, oneOf, raw, text } from "../fields.ts";
import { Misuse } from "../misuse.ts";
import { NOTHING, type OpTable } from "../op.ts";

/** ks_type as traces write it. */
const KS_TYPES = KSTAT_KINDS.map((kind) => kind.toUpperCase());
/** Signs and digits of any 64-bit number. */
const NUMBER = /^-?[0-9]{1,20}$/;

interface Statistic extends StatisticDefinition {
  readonly value: bigint;
}

function statistics(fields: Fields, key: string): Statistic[] {
  return list(fields, key).map((row) => {
    if (!Array.isArray(row) || row.length !== 3) throw new Misuse(`${key} must hold [statistic, type, value] rows`);
    const columns: Fields = { statistic: row[0], type: row[1], value: row[2] };
    const name = text(columns, "statistic");
    const type = oneOf(columns, "type", STATISTIC_TYPES);
    const value = text(columns, "value");
    if (BITS[type] === 0) return { name, type, value: 0n };
    if (!NUMBER.test(value)) throw new Misuse(`value of ${name} must be a 64-bit number: it is "${value}"`);
    return { name, type, value: BigInt.asUintN(64, BigInt(value)) };
  });
}

/** Another set of statistics in the same kstat. */
function reshape(kstat: Kstat, rows: readonly Statistic[]): void {
  kstat.schema = new Schema(rows.map(({ name, type }) => ({ name, type })));
  kstat.values = BigUint64Array.from(rows, ({ value }) => value);
}

function rowsOf({ schema, values }: Kstat): Statistic[] {
  return (schema?.statistics ?? []).map((definition, index) => ({ ...definition, value: values[index] ?? 0n }));
}

/** Changes the values in place if names and types stay; false, and nothing changed, if they do not. */
function putInPlace(kstat: Kstat, rows: readonly Statistic[]): boolean {
  const { schema, values } = kstat;
  const positions: number[] = [];
  for (const { name, type } of rows) {
    const position = schema?.indexOf(name);
    if (position === undefined || schema?.statistics[position]?.type !== type) return false;
    positions.push(position);
  }
  rows.forEach(({ value }, index) => {
    const position = positions[index];
    if (position !== undefined) values[position] = value;
  });
  return true;
}

function put(kstat: Kstat, rows: readonly Statistic[]): void {
  if (kstat.schema !== undefined && putInPlace(kstat, rows)) return;
  const all = rowsOf(kstat);
  for (const row of rows) {
    const position = all.findIndex(({ name }) => name === row.name);
    if (position < 0) all.push(row);
    else all[position] = row;
  }
  reshape(kstat, all);
}

export const LINK_KSTAT_OPS: OpTable = {
  kstat_set(world, fields) {
    const name = text(fields, "name");
    const kind = KSTAT_KINDS[KS_TYPES.indexOf(oneOf(fields, "ks_type", KS_TYPES))] ?? "named";
    const rows = raw(fields, "ks_data") === null ? undefined : statistics(fields, "ks_data");
    const old = world.kstats.lookup("link", 0, name);
    if (old !== undefined) world.kstats.delete(old);
    const crtime = hrtime(BigInt(world.effects.timers.clock) * 1_000_000_000n);
    const id = { module: "link", instance: 0, name, class: "net" };
    const kstat = world.kstats.create({ id, kind, schema: undefined, crtime });
    if (kstat !== undefined && rows !== undefined) reshape(kstat, rows);
    return NOTHING;
  },

  kstat_put(world, fields) {
    put(world.linkKstat(fields), statistics(fields, "stats"));
    return NOTHING;
  },

  kstat_del(world, fields) {
    const kstat = world.linkKstat(fields);
    const position = kstat.schema?.indexOf(text(fields, "stat"));
    if (position === undefined) world.errno = "ENOENT";
    else reshape(kstat, rowsOf(kstat).toSpliced(position, 1));
    return NOTHING;
  },

  kstat_remove(world, fields) {
    world.kstats.delete(world.linkKstat(fields));
    return NOTHING;
  },
};
