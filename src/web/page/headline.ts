/** The sentence above everything: how the groups are, with a link to each that is named. */

import type { Snapshot } from "../../snapshot/snapshot.ts";
import type { Word } from "../../wording/verdict.ts";
import { groupLink } from "./group-section.ts";
import { type Html, html } from "./markup.ts";
import { instant } from "./instant.ts";

/** `shown`: what the page is about, if that is not how things are. */
export function headline(words: readonly Word[], root: string, shown: Pick<Snapshot, "without">): Html {
  const parts = words.map((word) => {
    if (typeof word === "string") return word;
    return "group" in word ? html`<a href="${groupLink(root, word.group, shown)}">${word.group}</a>` : instant(word.ms);
  });
  return html`${parts}`;
}
