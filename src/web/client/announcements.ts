/** What a screen reader should say by itself: the news of a page against the page before it. */

/** At most so many at once: whoever listens has to keep up. */
const MOST = 4;

export function announcements(before: Document, after: Document): string[] {
  const known = new Set([...before.querySelectorAll("li[data-announce]")].map((item) => item.getAttribute("data-key")));
  return [...after.querySelectorAll("li[data-announce]")]
    .filter((item) => !known.has(item.getAttribute("data-key")))
    .slice(0, MOST)
    .reverse()
    .map((item) => item.querySelector("p")?.textContent ?? "");
}
