/**
 * The Markdown that the runbooks are written in, as HTML: headings, paragraphs, lists, tables, fenced blocks; in them code, emphasis and links. What
 * else there may be in Markdown stays as it is written. A test sees to it that no runbook has more.
 */

import { type Html, html } from "./markup.ts";

/** Where a link leads, by what is written; undefined: nowhere that this server has, and only its words are shown. */
export type LinkTo = (target: string) => string | undefined;

export function markdown(text: string, linkTo: LinkTo): Html {
  // Fenced blocks first: nothing in them is Markdown.
  const parts = text.split(/^```\w*\n([\s\S]*?)^```$/m);
  return html`${parts.map((part, index) => (index % 2 === 1 ? fenced(part) : blocks(part, linkTo)))}`;
}

const fenced = (code: string): Html => html`<pre tabindex="0">${code.trimEnd()}</pre>\n`;

function blocks(text: string, linkTo: LinkTo): Html[] {
  return text
    .split(/\n{2,}|(?<=^#.*)\n/m)
    .map((block) => block.trim())
    .filter((block) => block !== "")
    .map((block) => blockOf(block, linkTo));
}

function blockOf(block: string, linkTo: LinkTo): Html {
  const [, signs = "", heading] = /^(#+) (.*)$/.exec(block) ?? [];
  if (heading !== undefined) {
    const words = inline(heading, linkTo);
    return signs === "#" ? html`<h1 class="summary">${words}</h1>\n` : html`<h2>${words}</h2>\n`;
  }
  if (block.startsWith("|")) return table(block, linkTo);
  if (block.startsWith("- ")) return html`<ul>${items(block, /^- /m, linkTo)}</ul>\n`;
  if (/^\d+\. /.test(block)) return html`<ol>${items(block, /^\d+\. /m, linkTo)}</ol>\n`;
  return html`<p>${inline(block, linkTo)}</p>\n`;
}

function items(block: string, sign: RegExp, linkTo: LinkTo): Html[] {
  const [, ...texts] = block.split(sign);
  return texts.map((item) => html`<li>${inline(item.trim().replaceAll(/\n\s+/g, "\n"), linkTo)}</li>\n`);
}

function table(block: string, linkTo: LinkTo): Html {
  const [head = [], , ...rows] = block.split("\n").map((line) =>
    line
      .split("|")
      .slice(1, -1)
      .map((cell) => inline(cell.trim(), linkTo)),
  );
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Table"><table>
<thead><tr>${head.map((cell) => html`<th scope="col">${cell}</th>`)}</tr></thead>
<tbody>
${rows.map((cells) => html`<tr>${cells.map((cell) => html`<td>${cell}</td>`)}</tr>\n`)}</tbody></table></div>\n`;
}

function inline(text: string, linkTo: LinkTo): (Html | string)[] {
  return text.split(/(`[^`]+`|\*[^*]+\*|\[[^\]]+\]\([^)\s]+\))/).map((part, index) => {
    if (index % 2 === 0) return part;
    if (part.startsWith("`")) return html`<code>${part.slice(1, -1)}</code>`;
    if (part.startsWith("*")) return html`<em>${part.slice(1, -1)}</em>`;
    const [, words = "", target = ""] = /^\[([^\]]+)\]\((.+)\)$/.exec(part) ?? [];
    const address = linkTo(target);
    return address === undefined ? html`${inline(words, linkTo)}` : html`<a href="${address}">${words}</a>`;
  });
}
