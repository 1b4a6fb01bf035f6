/** What comes of a life of the program under its AppArmor profile, in the virtual machine (`confined.ts`). */

/** By what it is chosen, as scenarios are by their names. */
export const CONFINED = "under the AppArmor profile";

export interface Confinement {
  /** What /proc has of the program: the profile and its mode. */
  readonly profile: string;
  /** Lines of the kernel's log about what was refused meanwhile. */
  readonly refused: readonly string[];
  /** What came of an attempt in the same profile that it must refuse, and the lines about that. */
  readonly attempt: string;
  readonly attemptRefused: readonly string[];
  /** Why the life was not lived to its end. */
  readonly failure?: string;
}
