/**
 * A line across a plot with the values of its moment: under the pointer, or moved by the arrow keys. What it says is read from the plot's
 * own attributes at that moment, so that it stays right while the plot moves on.
 */

import { bitRate } from "./bit-rate.ts";

interface Shown {
  readonly cross: HTMLElement;
  step: number;
}

export function offerCrosshairs(page: Document): void {
  let shown: Shown | undefined;
  const hide = (): void => {
    shown?.cross.replaceChildren();
    shown = undefined;
  };
  const show = (cross: HTMLElement, step: number): void => {
    if (shown?.cross !== cross) hide();
    shown = { cross, step };
    draw(shown);
  };
  const reveal = (): void => {
    for (const cross of page.querySelectorAll<HTMLElement>(".cross[hidden]")) cross.hidden = false;
    if (shown) draw(shown);
  };
  reveal();
  const changes = { childList: true, subtree: true, attributes: true, attributeFilter: ["data-begin"] };
  new MutationObserver((records) => {
    // What this file draws changes children too.
    if (records.some(({ target }) => !(target instanceof Element && target.closest(".cross")))) reveal();
  }).observe(page.body, changes);

  const pointed = (event: PointerEvent): void => {
    const cross = crossOf(event);
    if (!cross) return;
    const { left, width } = cross.getBoundingClientRect();
    show(cross, within(cross, Math.floor(((event.clientX - left) / width) * (lastOf(cross) + 1))));
  };
  page.addEventListener("pointermove", pointed);
  page.addEventListener("pointerdown", pointed);
  // It does not bubble: seen on its way down. A finger leaves what it has shown.
  const left = (event: PointerEvent): void => {
    if (event.target === shown?.cross && event.pointerType === "mouse") hide();
  };
  page.addEventListener("pointerleave", left, { capture: true });
  page.addEventListener("focusin", (event) => {
    const cross = crossOf(event);
    if (cross && shown?.cross !== cross) tell(cross, Number(cross.getAttribute("aria-valuenow")));
  });
  page.addEventListener("focusout", (event) => {
    if (crossOf(event)) hide();
  });
  page.addEventListener("keydown", (event) => {
    const cross = crossOf(event);
    if (!cross || event.altKey || event.ctrlKey || event.metaKey) return;
    const to = STEPS[event.key]?.(shown?.step ?? lastOf(cross), lastOf(cross));
    if (to !== undefined) tell(cross, within(cross, to));
    else if (event.key === "Escape") hide();
    else return;
    event.preventDefault();
  });

  /** Also to who listens: the values are those of the slider. */
  function tell(cross: HTMLElement, step: number): void {
    show(cross, step);
    cross.setAttribute("aria-valuenow", String(step));
    cross.setAttribute("aria-valuetext", linesAt(cross, step).join("; "));
  }
}

/** Where each key leads from a step. */
const STEPS: Readonly<Record<string, ((step: number, last: number) => number) | undefined>> = {
  ArrowLeft: (step) => step - 1,
  ArrowDown: (step) => step - 1,
  ArrowRight: (step) => step + 1,
  ArrowUp: (step) => step + 1,
  PageDown: (step) => step - 10,
  PageUp: (step) => step + 10,
  Home: () => 0,
  End: (_step, last) => last,
};

function crossOf({ target }: Event): HTMLElement | null {
  return target instanceof Element ? target.closest<HTMLElement>(".cross") : null;
}

function lastOf(cross: HTMLElement): number {
  return Number(cross.getAttribute("aria-valuemax"));
}

function within(cross: HTMLElement, step: number): number {
  return Math.min(Math.max(step, 0), lastOf(cross));
}

function draw({ cross, step }: Shown): void {
  const percent = (100 * (step + 0.5)) / (lastOf(cross) + 1);
  const line = document.createElement("i");
  line.style.left = `${percent}%`;
  const text = document.createElement("p");
  if (percent < 50) text.style.left = `${percent + 1}%`;
  else text.style.right = `${101 - percent}%`;
  text.textContent = linesAt(cross, step).join("\n");
  cross.replaceChildren(line, text);
}

/** The time, the whole group, each member, and what happened then. */
function linesAt(cross: HTMLElement, step: number): string[] {
  const plot = cross.closest<HTMLElement>(".plot");
  if (!plot) return [];
  const { begin, stepMs } = plot.dataset;
  const at = new Date(Number(begin) + step * Number(stepMs));
  const isToday = at.toDateString() === new Date().toDateString();
  const time = isToday ? at.toLocaleTimeString() : at.toLocaleString();
  const members = [...plot.querySelectorAll<SVGPathElement>("path[data-in]")].reverse().flatMap((path) => {
    const [received, sent] = [valueAt(path.dataset["in"], step), valueAt(path.dataset["out"], step)];
    return received === undefined || sent === undefined ? [] : [{ name: path.dataset["name"] ?? "", received, sent }];
  });
  const sum = (of: "received" | "sent"): number => members.reduce((total, member) => total + member[of], 0);
  // The first is drawn last.
  const marks = [...plot.querySelectorAll(`.mark[data-step="${step}"] title`)].reverse();
  const happened = marks.map(({ textContent }) => textContent);
  return [
    members.length === 0
      ? `${time}: nothing is known`
      : `${time}: in ${bitRate(sum("received"))}, out ${bitRate(sum("sent"))}`,
    ...(members.length < 2
      ? []
      : members.map(({ name, received, sent }) => `${name}: in ${bitRate(received)}, out ${bitRate(sent)}`)),
    ...happened,
  ];
}

/** Undefined where nothing is known. */
function valueAt(values: string | undefined, step: number): number | undefined {
  const text = values?.split(",")[step];
  return text === undefined || text === "" ? undefined : Number(text);
}
