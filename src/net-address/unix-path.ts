/** Paths of Unix sockets, which are no longer than the kernel takes them. */

/** sun_path of unix(7), less the final NUL. */
export const UNIX_PATH_BYTES = 107;

export function isUnixPath(path: string): boolean {
  return path !== "" && !path.includes("\0") && bytesOf(path) <= UNIX_PATH_BYTES;
}

/** In UTF-8, whose characters have one byte more from each of these on. */
const LONGER_FROM = [0x80, 0x800, 0x1_0000];

function bytesOf(text: string): number {
  let bytes = 0;
  for (const character of text) {
    const point = character.codePointAt(0) ?? 0;
    bytes += 1 + LONGER_FROM.filter((first) => point >= first).length;
  }
  return bytes;
}
