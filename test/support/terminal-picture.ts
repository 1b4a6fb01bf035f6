/** What stands on a terminal, as a picture: the colours and weights that tmux tells (capture-pane -e) become a page that a browser photographs. */

import type { Browser } from "playwright-core";

export interface Sheet {
  readonly page: string;
  readonly text: string;
  /** By the number of SGR (ECMA-48, 8.3.117): red, green, yellow. */
  readonly colours: Readonly<Record<number, string>>;
}

export const DARK: Sheet = {
  page: "#12161b",
  text: "#dde3e9",
  colours: { 31: "#ff7b72", 32: "#56d364", 33: "#e3b341" },
};
export const LIGHT: Sheet = {
  page: "#fdfdfc",
  text: "#1c2128",
  colours: { 31: "#b91c28", 32: "#1a7f37", 33: "#8a5a00" },
};

/** Begins what sets the look of what follows (SGR): codes, and an m. */
const ESCAPE = "\u001b[";

/** The screen's text as HTML. @throws for a code that it does not know: a picture without a colour would be wrong silently */
export function htmlOf(screen: string, { colours }: Sheet): string {
  let [colour, isBold, isDim] = ["", false, false];
  const look = (code: number): void => {
    if (code === 0) [colour, isBold, isDim] = ["", false, false];
    else if (code === 1) isBold = true;
    else if (code === 2) isDim = true;
    else if (code === 22) [isBold, isDim] = [false, false];
    else if (code === 39) colour = "";
    else if (code === 49)
      return; // no ground of its own
    else if (colours[code] === undefined) throw new Error(`A terminal's code ${code} has no look in a picture`);
    else colour = colours[code];
  };
  return screen
    .split(ESCAPE)
    .map((part, n) => {
      const end = n === 0 ? 0 : part.indexOf("m") + 1;
      if (n > 0) for (const code of part.slice(0, end - 1).split(";")) look(Number(code));
      const style = `${colour && `color:${colour};`}${isBold ? "font-weight:700;" : ""}${isDim ? "opacity:.66;" : ""}`;
      const text = part.slice(end).replaceAll("&", "&amp;").replaceAll("<", "&lt;");
      return style === "" || text === "" ? text : `<span style="${style}">${text}</span>`;
    })
    .join("");
}

/** Writes the picture of a screen of so many columns. */
export async function photograph(
  browser: Browser,
  path: string,
  screen: string,
  columns: number,
  sheet = DARK,
): Promise<void> {
  const page = await browser.newPage({ viewport: { width: 1280, height: 400 }, deviceScaleFactor: 1.5 });
  const { page: ground, text } = sheet;
  const look = `display:inline-block;box-sizing:content-box;width:${columns}ch;margin:0;padding:12px 16px;border-radius:6px;background:${ground};color:${text};font:14px/1.28 "DejaVu Sans Mono",monospace`;
  await page.setContent(
    `<body style="margin:0"><pre style='${look}'>${htmlOf(screen.replace(/\n+$/, ""), sheet)}</pre>`,
  );
  await page.locator("pre").screenshot({ path, omitBackground: true });
  await page.close();
}
