/** How the demo speaks: colour where a person looks, plain text elsewhere, and a line that moves while it waits. */

import { styleText } from "node:util";

/** @typedef {"bold" | "dim" | "green" | "red"} Style */

const { NO_COLOR } = process.env;
/** A person looks, and wants colour (no-color.org). */
const LIVE = process.stdout.isTTY === true && !NO_COLOR;

/** @param {Style} style @param {string} text */
const paint = (style, text) => (LIVE ? styleText(style, text) : text);

/** @param {string} text */
export const bold = (text) => paint("bold", text);
/** @param {string} text */
export const dim = (text) => paint("dim", text);
/** @param {string} text */
export const good = (text) => paint("green", text);
/** @param {string} text */
export const bad = (text) => paint("red", text);

/** Names of the faces stand in a column of this width. */
const FACE_WIDTH = 14;

/** @param {string} [text] */
export function say(text = "") {
  process.stdout.write(`${text}\n`);
}

/** A step's heading and what happens in it. @param {number} number @param {string} title @param {readonly string[]} story */
export function heading(number, title, story) {
  say();
  say(bold(`${number}. ${title}`));
  for (const line of story) say(`   ${line}`);
  say();
}

/** What one face says, its name beside the first line. @param {string} name @param {readonly string[]} lines */
export function face(name, lines) {
  lines.forEach((line, index) => {
    say(`   ${dim((index === 0 ? name : "").padEnd(FACE_WIDTH))}${line}`);
  });
}

/** 12,345,678: easier to compare by eye. @param {bigint} number */
export const digits = (number) => number.toString().replaceAll(/\B(?=(\d{3})+$)/g, ",");

/**
 * Shows what is being waited for until `work` is done.
 * @template T
 * @param {string} what
 * @param {Promise<T>} work
 * @param {() => string} [detail] more words, asked for again and again
 * @returns {Promise<T>}
 */
export async function waiting(what, work, detail = () => "") {
  if (!LIVE) {
    say(`   … ${what}`);
    return work;
  }
  const began = performance.now();
  const draw = () => {
    const seconds = ((performance.now() - began) / 1000).toFixed(1);
    process.stdout.write(`\r\u001b[K   ${dim(`… ${what} ${seconds} s ${detail()}`)}`);
  };
  draw();
  const timer = setInterval(draw, 100);
  try {
    return await work;
  } finally {
    clearInterval(timer);
    process.stdout.write("\r\u001b[K");
  }
}
