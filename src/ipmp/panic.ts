/** What must not happen. Three conditions halt the kernel (ipmp.c, cmn_err CE_PANIC); its ASSERTs are our preconditions. */

/** The group hash contradicts itself, or a group with members is destroyed. The engine's state is not to be trusted after it. */
export class EnginePanic extends Error {
  override readonly name = "EnginePanic";
}

/** The caller broke a rule that the kernel only ASSERTs. Thrown before anything has changed. */
export class PreconditionError extends Error {
  override readonly name = "PreconditionError";
}

/** Throws {@link PreconditionError} unless `holds`; `rule` says what has to be true. */
export function precondition(holds: boolean, rule: string): asserts holds {
  if (!holds) throw new PreconditionError(`The engine was called against its rules: ${rule}`);
}
