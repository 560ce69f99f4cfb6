/** The result of one program on one log. */
export interface Found {
  /** The addresses that it would block. */
  readonly blocked: ReadonlySet<string>;
  /** Seconds of CPU, including the start of the program. */
  readonly cpu: number;
}

/** A program that finds attackers in a log. */
export interface Detector {
  readonly name: string;
  /** @returns undefined if the program is not installed */
  find(log: string): Promise<Found | undefined>;
}
