/** A log that keeps quiet, for tests that are not about it. */

import type { Log } from "#src/log/log.js";

const nothing = (): void => {};

export const SILENT: Log = { debug: nothing, info: nothing, warn: nothing, error: nothing };
