/** `ipmp-exporter online DEVICE`. */

import { administer } from "./offline.ts";

export const run = administer("online");
