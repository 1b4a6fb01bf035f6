/** Markdown as the reference pages need it. */

/** Text that is to be seen as it is, also in a cell of a table; backticks set code. @param {string} text */
export const plain = (text) => text.replaceAll(/[|<>*_]/g, (sign) => (sign === "_" ? sign : `\\${sign}`));

/** @param {string} text */
export const code = (text) => `\`${text.replaceAll("|", "\\|")}\``;

/** @param {readonly string[]} head @param {readonly (readonly string[])[]} rows of Markdown */
export const table = (head, rows) =>
  [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
