#!/usr/bin/env node
/** The program. */

import { run } from "./cli/run.ts";

process.exitCode = await run(process.argv.slice(2), process);
