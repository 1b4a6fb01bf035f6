/** The control socket. */

import { UNIX_PATH_BYTES } from "../../net-address/unix-path.ts";
import { optional, section } from "../keys.ts";
import { text } from "../value-schemas.ts";

/** To be read after "expected". How long a relative path is shows once it is absolute. */
export const CONTROL_SOCKET = `the path of a Unix socket, ${UNIX_PATH_BYTES} bytes at most, or none`;

export const control = section("The control socket.", {
  socket: optional(
    text(CONTROL_SOCKET, (value) => (value !== "" && !value.includes("\0") ? value : undefined)),
    {
      description: "Unix socket on which the program's other commands reach the daemon; `none` disables the socket.",
      origin: "control.sock in the runtime directory",
      relativeTo: "in the runtime directory",
    },
  ),
});
