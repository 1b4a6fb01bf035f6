/** `ipmp-exporter top`: the groups live in the terminal, the worst first. It asks the daemon every second, and goes on while there is none. */

import { setTimeout } from "node:timers/promises";
import { Failure, type Run, UsageError } from "./command.ts";
import { type Control, controlOf, get } from "./control.ts";
import { eventsAnswer } from "./event-answer.ts";
import { groupsAnswer } from "./group-answer.ts";
import { inkOf } from "./ink.ts";
import { marksOf } from "./top/graph.ts";
import { LiveTerminal } from "./top/live-terminal.ts";
import { TopModel } from "./top/model.ts";
import { listed, screen } from "./top/screen.ts";
import { FIRST_VIEW, press } from "./top/view.ts";

const PERIOD_MS = 1_000;

export const run: Run = async (given, terminal) => {
  if (!terminal.stdout.isTTY || !terminal.stdin.isTTY)
    throw new UsageError("top needs a terminal: ipmp-exporter status prints the same once");
  const ink = inkOf(terminal);
  const marks = marksOf(terminal.env);
  const model = new TopModel();
  let view = FIRST_VIEW;
  const over = new AbortController();
  const control = controlOf(given, terminal, over.signal);
  const end = (): void => over.abort();
  const live = new LiveTerminal(terminal, {
    redraw: () => draw(),
    ended: end,
    pressed: (key) => {
      const next = press(view, key, listed(model, view));
      if (next === "quit") return end();
      if (next === "suspend") return live.suspend();
      view = next;
      draw();
    },
  });
  const draw = (): void => live.draw(screen(model, view, { ...live.size, ink, marks, nowMs: Date.now() }));

  live.open();
  try {
    while (!over.signal.aborted) {
      await renew(model, control); // at an end it is at its end too: `over` ends what the daemon is being asked
      if (!over.signal.aborted) draw();
      await setTimeout(PERIOD_MS, undefined, { signal: over.signal }).catch(() => {}); // it was ended
    }
  } finally {
    live.close();
  }
  return 0;
};

async function renew(model: TopModel, control: Control): Promise<void> {
  try {
    const [groups, { events }] = await Promise.all([
      get(control, "/api/v1/groups", groupsAnswer),
      get(control, "/api/v1/events", eventsAnswer),
    ]);
    model.take({ ...groups, events });
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    model.lose(error.message, Date.now());
  }
}
