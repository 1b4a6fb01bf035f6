/** 802.3ad: partners that are there, short of a port, mute, or not there. */

import { playInMachine } from "./play.ts";

playInMachine("lacp");
