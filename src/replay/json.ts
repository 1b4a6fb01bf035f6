/** JSON as the trace format writes it: no whitespace, keys in a fixed order, and only `"`, `\` and control characters escaped. */

/** The last alternative is everything below the space. */
const NEEDS_ESCAPE = /["\\]|[^ -\uffff]/;
const ESCAPED = /["\\]|[^ -\uffff]/g;

export function quote(text: string): string {
  return NEEDS_ESCAPE.test(text) ? `"${text.replace(ESCAPED, escapeCharacter)}"` : `"${text}"`;
}

function escapeCharacter(character: string): string {
  if (character === '"' || character === "\\") return `\\${character}`;
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

/** The name of something, or null when there is nothing. */
export function quoteName(thing: { readonly name: string } | undefined): string {
  return thing === undefined ? "null" : quote(thing.name);
}

export function quoteAll(texts: readonly string[]): string {
  return `[${texts.map(quote).join(",")}]`;
}

export function quoteNames(things: readonly { readonly name: string }[]): string {
  return `[${things.map(({ name }) => quote(name)).join(",")}]`;
}

/** Counters are decimal strings: they need 64 bits. */
export function quoteCounters(counters: BigUint64Array): string {
  return `[${Array.from(counters, (counter) => `"${counter}"`).join(",")}]`;
}
