/** Results of the engine's functions: names, because the numbers differ between systems (illumos and Linux disagree on five of them). */

export const ERRNO_NAMES = [
  "EACCES",
  "EADDRINUSE",
  "EADDRNOTAVAIL",
  "EAFNOSUPPORT",
  "EALREADY",
  "EBUSY",
  "EEXIST",
  "EINVAL",
  "ENOENT",
  "ENOMEM",
  "ENOTSUP",
  "EPERM",
] as const;
export type ErrnoName = (typeof ERRNO_NAMES)[number];

/** 0 is success, as in the kernel. */
export type Errno = 0 | ErrnoName;
