/** Instants in the reader's own time; the server says them in UTC. */

const TIME: Intl.DateTimeFormatOptions = { hour: "2-digit", minute: "2-digit", second: "2-digit" };

export function localize(page: Document): void {
  const today = new Date().toDateString();
  for (const element of page.querySelectorAll("time")) {
    const instant = new Date(element.dateTime);
    const time = instant.toLocaleTimeString([], TIME);
    const isToday = instant.toDateString() === today;
    element.textContent = isToday ? time : `${instant.toLocaleDateString()} ${time}`;
    element.title = element.dateTime;
  }
}
