/** Teams: who carries traffic, as root and as nobody. */

import { playInMachine } from "./play.ts";

playInMachine("teams");
