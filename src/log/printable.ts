/**
 * Text as it may be written to a terminal or a log. Names of links and their aliases may hold any byte: a control character in them would
 * move the cursor or colour the screen, and one of direction would turn what follows around.
 */

// The C0 and C1 controls with DEL, line and paragraph separators, and what sets the direction of writing (Unicode, UAX 9).
const UNPRINTABLE = /[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu;

/** Each such character as JSON would escape it: ESC is `\u001b`. */
export function printable(text: string): string {
  return text.replaceAll(UNPRINTABLE, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/** The same for text that has lines and columns: newlines and tabs stay. */
export function printableLines(text: string): string {
  return text.replaceAll(/[^\n\t]+/g, printable);
}
