/** What somebody looks at in `top`, and how a key changes it. */

export const SORTS = ["trouble", "name", "traffic"] as const;
export type Sort = (typeof SORTS)[number];

export interface View {
  readonly sort: Sort;
  /** A group is shown, with all its members, when its name, its state, its reason or the name of a member has it. */
  readonly filter: string;
  /** Whether keys go into the filter. */
  readonly isTyping: boolean;
  /** Line of the list that is marked, from 0. */
  readonly marked: number;
  /** The group that is shown alone. */
  readonly group: string | undefined;
  readonly isHelp: boolean;
}

export const FIRST_VIEW: View = {
  sort: "trouble",
  filter: "",
  isTyping: false,
  marked: 0,
  group: undefined,
  isHelp: false,
};

/** A key as node:readline names it, and the text that it types. */
export interface Key {
  readonly name: string | undefined;
  readonly text: string;
  readonly ctrl: boolean;
}

/** Longer filters find nothing that shorter ones would not. */
const FILTER_LENGTH = 60;

/** So many groups further. */
const PAGE = 10;

/** `names` are the groups of the list, in their order. "quit" and "suspend" are for whoever owns the terminal. */
export function press(view: View, key: Key, names: readonly string[]): View | "quit" | "suspend" {
  if (key.ctrl) return key.name === "c" || key.name === "d" ? "quit" : key.name === "z" ? "suspend" : view;
  if (view.isTyping) return typed(view, key);
  if (view.isHelp) return key.name === "q" ? "quit" : { ...view, isHelp: false };
  switch (key.name ?? key.text) {
    case "q":
      return view.group === undefined ? "quit" : { ...view, group: undefined };
    case "escape":
    case "backspace":
    case "left":
      return view.group === undefined ? { ...view, filter: "" } : { ...view, group: undefined };
    case "s":
      return { ...view, sort: SORTS[(SORTS.indexOf(view.sort) + 1) % SORTS.length] ?? "trouble" };
    case "up":
    case "k":
      return { ...view, marked: Math.max(0, Math.min(view.marked, names.length - 1) - 1) };
    case "down":
    case "j":
      return { ...view, marked: Math.max(0, Math.min(view.marked + 1, names.length - 1)) };
    case "pageup":
      return { ...view, marked: Math.max(0, Math.min(view.marked, names.length - 1) - PAGE) };
    case "pagedown":
      return { ...view, marked: Math.max(0, Math.min(view.marked + PAGE, names.length - 1)) };
    case "home":
      return { ...view, marked: 0 };
    case "end":
      return { ...view, marked: Math.max(0, names.length - 1) };
    case "return":
    case "enter":
    case "right":
      return { ...view, group: view.group ?? names[Math.min(view.marked, names.length - 1)] };
    default:
      if (key.text === "/") return { ...view, isTyping: true, group: undefined };
      return key.text === "?" ? { ...view, isHelp: true } : view;
  }
}

function typed(view: View, { name, text }: Key): View {
  switch (name) {
    case "return":
    case "enter":
      return { ...view, isTyping: false, marked: 0 };
    case "escape":
      return { ...view, isTyping: false, filter: "", marked: 0 };
    case "backspace":
      return { ...view, filter: Array.from(view.filter).slice(0, -1).join(""), marked: 0 };
    default: {
      const isPrintable = text !== "" && !/\p{Cc}/u.test(text);
      return isPrintable ? { ...view, filter: (view.filter + text).slice(0, FILTER_LENGTH), marked: 0 } : view;
    }
  }
}
