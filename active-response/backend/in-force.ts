/** The counters of a blocked address; undefined if its backend does not count. */
export interface InForce {
  readonly packets?: number | undefined;
  readonly bytes?: number | undefined;
}
