/**
 * HTML as text in which whatever is filled in is escaped, unless it is HTML already: what HTML would read as its own, and characters that
 * turn the direction of what follows or are none at all.
 */

import { printableLines } from "../../log/printable.ts";

/** Text that is HTML. Made only by {@link html}, so that nothing gets in unescaped. */
export class Html {
  readonly text: string;

  private constructor(text: string) {
    this.text = text;
  }

  /** Only for text that is ours: constants of this folder. */
  static trusted(text: string): Html {
    return new Html(text);
  }
}

export type Part = Html | string | number | bigint | undefined | false | readonly Part[];

/** html`<p>${anything}</p>`: undefined and false leave nothing, lists are joined. */
export function html(texts: TemplateStringsArray, ...parts: readonly Part[]): Html {
  return Html.trusted(texts.reduce((all, text, index) => all + render(parts[index - 1]) + text));
}

function render(part: Part): string {
  if (part === undefined || part === false) return "";
  if (part instanceof Html) return part.text;
  if (typeof part === "object") return part.map(render).join("");
  return printableLines(String(part)).replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
