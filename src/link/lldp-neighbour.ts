/** Who is at the other end of a link, as it says itself by LLDP (IEEE 802.1AB). */

export interface LldpNeighbour {
  /** Its chassis ID: a MAC as lower-case hex pairs joined by colons, else as it is written. */
  readonly chassis: string;
  /** Its system name; undefined where it tells none. */
  readonly systemName: string | undefined;
  /** Its port, as it describes it. */
  readonly port: string | undefined;
}
