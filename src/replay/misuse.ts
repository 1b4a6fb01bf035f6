/** A trace line that no valid trace has. It draws an "error" line, and nothing has changed. */

export class Misuse extends Error {
  override readonly name = "Misuse";
}
