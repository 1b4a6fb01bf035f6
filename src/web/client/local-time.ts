/** Instants in the reader's own time; the server says them in UTC. */

const TIME: Intl.DateTimeFormatOptions = { hour: "2-digit", minute: "2-digit", second: "2-digit" };

/** Below a plot, where there is little room. */
const MINUTE: Intl.DateTimeFormatOptions = { hour: "2-digit", minute: "2-digit" };

export function localize(page: Document): void {
  const today = new Date().toDateString();
  for (const element of page.querySelectorAll("time")) {
    const instant = new Date(element.dateTime);
    const time = instant.toLocaleTimeString([], TIME);
    const isToday = instant.toDateString() === today;
    element.textContent = isToday ? time : `${instant.toLocaleDateString()} ${time}`;
    element.title = element.dateTime;
  }
  for (const element of page.querySelectorAll<SVGTextElement>("[data-at]"))
    element.textContent = new Date(Number(element.dataset["at"])).toLocaleTimeString([], MINUTE);
}
