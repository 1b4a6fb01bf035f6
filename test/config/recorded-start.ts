/**
 * Starts the daemon with a configuration that notes what is read of it, and prints, once the daemon has been stopped, the keys
 * that nobody has read, as JSON.
 *
 *   node recorded-start.js FILE
 */

import { loadConfiguration } from "#src/config/load.js";
import { serve } from "#src/daemon/process/serve.js";

/** Values without parts of their own, by their path: `groups[].members[].device`. */
const unread = new Set<string>();

/** A copy of `value` that takes from `unread` what somebody looks at. */
function recorded<T>(value: T, path: string): T {
  if (typeof value !== "object" || value === null || !hasParts(value)) {
    unread.add(path);
    return value;
  }
  const isList = Array.isArray(value);
  const within = (key: string) => (isList ? `${path}[]` : path === "" ? key : `${path}.${key}`);
  const parts = Object.entries(value).map(([key, part]) => [key, recorded<unknown>(part, within(key))] as const);
  const copy: object = isList ? parts.map(([, part]) => part) : Object.fromEntries(parts);
  return new Proxy(copy, {
    get(target, key, receiver) {
      if (typeof key === "string") unread.delete(within(key));
      return Reflect.get(target, key, receiver);
    },
  }) as T; // with the same parts
}

/** Whether it is a list or a plain object: a Map or an expression is read as a whole. */
function hasParts(value: object): boolean {
  return Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype;
}

const [, , file] = process.argv;
const configuration = loadConfiguration(file);
if (!("groups" in configuration)) throw new Error(JSON.stringify(configuration));
const code = await serve({
  configuration: recorded(configuration, ""),
  reload: () => Promise.resolve(configuration),
  kill: () => {},
});
process.stdout.write(JSON.stringify([...unread]));
process.exit(code);
