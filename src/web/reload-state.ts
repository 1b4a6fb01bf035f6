/** How the attempts to load something anew have fared, as exporters tell it in their metrics. */
export interface ReloadState {
  /** Of the last one. */
  readonly successful: boolean;
  /** When there was a success last: milliseconds since 1970. */
  readonly succeededMs: number;
}
