/** Lines of fields as ipmpstat(8) and dladm(8) print them with -P and -p (libinetutil's ofmt): `:` between fields, `\` before a `:` or `\` that is meant. */

/** A row by the names that were asked for; undefined for "?", which the command could not find out. */
export type Row<Field extends string> = Readonly<Record<Field, string | undefined>>;

export type Rows<Field extends string> =
  | { readonly kind: "rows"; readonly rows: readonly Row<Field>[] }
  /** `line` is not of that form. */
  | { readonly kind: "unlike"; readonly line: string };

/** What a command prints for the fields in `names`, of which there are two at least: a single one is not escaped. */
export function parseRows<Field extends string>(text: string, names: readonly Field[]): Rows<Field> {
  const rows: Row<Field>[] = [];
  for (const line of linesOf(text)) {
    const fields = splitFields(line);
    if (fields?.length !== names.length) return { kind: "unlike", line };
    const entries = names.map((name, n) => [name, fields[n] === "?" ? undefined : fields[n]] as const);
    rows.push(Object.fromEntries(entries) as Row<Field>); // each name has an entry
  }
  return { kind: "rows", rows };
}

/** The fields of one line; undefined when it ends in the middle of an escape, or escapes what needs none. */
export function splitFields(line: string): string[] | undefined {
  const fields = [""];
  for (let at = 0; at < line.length; at++) {
    let character = line.charAt(at);
    if (character === ":") {
      fields.push("");
      continue;
    }
    if (character === "\\") {
      character = line.charAt(++at);
      if (character !== ":" && character !== "\\") return undefined;
    }
    fields[fields.length - 1] += character;
  }
  return fields;
}

/** Lines without the last one, which is empty. */
export function linesOf(text: string): string[] {
  const lines = text.split("\n");
  if (lines.at(-1) === "") lines.pop();
  return lines;
}
