/** Bonds of links that are not alike, and LACP at its slow rate. */

import { playInMachine } from "./play.ts";

playInMachine("links");
