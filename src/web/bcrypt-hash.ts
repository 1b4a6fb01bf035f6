/** Hashes of bcrypt as htpasswd(1) and other programs write them: `$2y$10$`, then 22 letters of salt and 31 of hash. */

const HASH = /^\$2[a-z]?\$(\d\d)\$[./A-Za-z0-9]{53}$/;

/** bcrypt's own bounds on the cost. */
export const COSTS = { least: 4, most: 31 };
/** Above it a comparison takes more than two seconds of a processor: who guesses keeps everybody else waiting. */
export const DEAREST = 14;

/** The cost of a hash, a comparison with which takes 2^cost rounds; NaN for what is no hash. */
export function costOf(hash: string): number {
  return Number(HASH.exec(hash)?.[1]);
}

/** The same hash under the letter that bcryptjs knows; Go takes any. */
export function asVersion2b(hash: string): string {
  return hash.replace(/^\$2[a-z]?\$/, "$2b$");
}

/** A hash that nobody's password has. */
export function nobodysHash(cost: number): string {
  return `$2b$${String(cost).padStart(2, "0")}$abcdefghijklmnopqrstuuO7qL7KE4mjTHTDtmeGkPjKSkQ1Jv0jW`;
}
