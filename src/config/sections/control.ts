/** The control socket. */

import { optional, section } from "../keys.ts";
import { text } from "../value-schemas.ts";

/** sun_path of unix(7), less the final NUL. */
const SOCKET_PATH_MAX = 107;

export const control = section("The control socket.", {
  socket: optional(
    text(`the path of a Unix socket, ${SOCKET_PATH_MAX} bytes at most, or none`, (value) =>
      value !== "" && !value.includes("\0") && Buffer.byteLength(value) <= SOCKET_PATH_MAX ? value : undefined,
    ),
    {
      description: "Unix socket on which the program's other commands reach the daemon; `none` disables the socket.",
      origin: "control.sock in the runtime directory",
      relativeTo: "in the runtime directory",
    },
  ),
});
