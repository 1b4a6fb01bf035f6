/** Which rows of a table are wanted. */

interface Named {
  readonly name: string;
}

/**
 * The rows of these names, in the order of the table; all, where no name is given.
 *
 * @throws Error when a row does not exist
 */
export function chosenRows<R extends Named>(rows: readonly R[], names: readonly string[]): readonly R[] {
  const unknown = names.find((name) => !rows.some((row) => row.name === name));
  if (unknown !== undefined)
    throw new Error(`There is no row "${unknown}"; there are: ${rows.map(({ name }) => name).join(", ")}`);
  return names.length === 0 ? rows : rows.filter(({ name }) => names.includes(name));
}
