/** Bonds of every mode but 802.3ad, and what stands on them. */

import { playInMachine } from "./play.ts";

playInMachine("bonds");
