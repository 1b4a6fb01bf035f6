/** Why the state could not be saved, for people: which file, what the system said, and what to do about it. Codes as in errno(3). */

const REMEDIES: ReadonlyMap<string, string> = new Map([
  ["ENOSPC", "make room on its file system"],
  ["EDQUOT", "make room, or raise the quota of the program's user"],
  ["EROFS", "mount its file system writable, or set state.file to another place"],
  ["EACCES", "let the program's user write in its folder"],
  ["EPERM", "let the program's user write in its folder"],
  ["EIO", "look at the disk: the kernel's log says more"],
]);

export function saveFailure(path: string, error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const remedy = REMEDIES.get(code);
  const what = message.includes(path) ? message : `"${path}": ${message}`;
  return remedy === undefined ? what : `${what}: ${remedy}`;
}
