/** The documentation as the tests look at it: its files, their fenced blocks and their links. */

import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { root } from "../support/root.ts";

/** The page at the door of each large folder of the code. */
export const DOORS: readonly string[] = [
  ...readdirSync(root("src"), { recursive: true, encoding: "utf8" })
    .filter((path) => basename(path) === "README.md")
    .map((path) => join("src", path))
    .sort(),
  ...["test", "bench", "scripts"].map((folder) => join(folder, "README.md")),
];

/** Every page that somebody reads, by its path below the root. Runbooks are tried by the test of the alerts. */
export const PAGES: readonly string[] = [
  "README.md",
  "CONTRIBUTING.md",
  "CHANGELOG.md",
  ...DOORS,
  "dashboards/README.md",
  ...readdirSync(root("docs"))
    .filter((name) => name.endsWith(".md"))
    .map((name) => join("docs", name)),
];

export function page(path: string): string {
  return readFileSync(root(path), "utf8");
}

export interface Fence {
  /** Empty: none was written. */
  readonly language: string;
  readonly text: string;
  /** Of its first line within the page, from 1. */
  readonly line: number;
}

/** The fenced blocks of a page; those of a list without its indentation. */
export function fences(text: string): Fence[] {
  return [...text.matchAll(/^( *)```(\w*)\n([\s\S]*?)^\1```$/gm)].map(
    ({ 1: indent = "", 2: language = "", 3: body = "", index }) => ({
      language,
      text: body.replaceAll(new RegExp(`^${indent}`, "gm"), ""),
      line: text.slice(0, index).split("\n").length + 1,
    }),
  );
}

/** Targets of links and pictures to files of this repository, without the part after #. */
export function links(text: string): string[] {
  return [...text.matchAll(/\]\((?!https?:|#)([^)#\s]+)/g)].map(([, target = ""]) => target);
}
