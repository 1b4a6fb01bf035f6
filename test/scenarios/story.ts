/** A scenario file: a preface for people, then steps of commands, `----`, and what they show. README.md describes it. */

/** What a command does: it acts on the stage and answers the lines that an operator would see. */
export type Verb<Stage> = (stage: Stage, words: readonly string[]) => readonly string[];

export type Verbs<Stage> = Readonly<Record<string, Verb<Stage>>>;

export interface Step {
  /** Where it begins in the file, from 1. */
  readonly line: number;
  /** Commands and remarks (`# …`), in their order. */
  readonly commands: readonly string[];
  readonly expected: readonly string[];
}

export interface Story {
  readonly preface: readonly string[];
  readonly steps: readonly Step[];
}

const RULE = "----";

export function parseStory(text: string): Story {
  const lines = text.trimEnd().split("\n");
  const blocks: { readonly line: number; readonly lines: string[] }[] = [];
  for (const [index, line] of lines.entries()) {
    if (line === "") continue;
    const last = blocks.at(-1);
    if (last && lines[index - 1] !== "") last.lines.push(line);
    else blocks.push({ line: index + 1, lines: [line] });
  }
  const [preface, ...steps] = blocks;
  if (!preface?.lines.every((line) => line.startsWith("# "))) throw new Error("A story begins with a preface (# …)");
  return { preface: preface.lines, steps: steps.map(parseStep) };
}

function parseStep({ line, lines }: { readonly line: number; readonly lines: readonly string[] }): Step {
  const rule = lines.indexOf(RULE);
  return rule < 0
    ? { line, commands: lines, expected: [] }
    : { line, commands: lines.slice(0, rule), expected: lines.slice(rule + 1) };
}

export function formatStory({ preface, steps }: Story): string {
  const blocks = steps.map(({ commands, expected }) =>
    expected.length === 0 ? commands : [...commands, RULE, ...expected],
  );
  return `${[preface, ...blocks].map((block) => block.join("\n")).join("\n\n")}\n`;
}

/** Does a step's commands and answers what they showed. */
export function perform<Stage>(stage: Stage, verbs: Verbs<Stage>, { line, commands }: Step): string[] {
  return commands.flatMap((command, index) => {
    const [name = "", ...words] = command.split(/\s+/);
    if (name === "#") return [];
    const verb = verbs[name];
    const where = `line ${line + index} "${command}"`;
    if (!verb) throw new Error(`${where}: no such command; there are ${Object.keys(verbs).sort().join(", ")}`);
    try {
      return [...verb(stage, words)];
    } catch (cause) {
      throw new Error(`${where}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
    }
  });
}

/** `mtu=1400 standby` as options: words without `=` are "yes". */
export function options(words: readonly string[]): ReadonlyMap<string, string> {
  return new Map(
    words.map((word) => {
      const [key = "", value = "yes"] = word.split(/=(.*)/s);
      return [key, value];
    }),
  );
}

export function one(words: readonly string[], what: string): string {
  const [word] = words;
  if (word === undefined) throw new Error(`${what} is missing`);
  return word;
}
