/** A trace line that no valid trace has: it is answered with an "error" line and changes nothing. */

export class Misuse extends Error {
  override readonly name = "Misuse";
}
