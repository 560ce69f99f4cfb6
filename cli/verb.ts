/** Where a verb writes to, and what it reads. Lines go out with a newline. */
export interface Io {
  out(line: string): void;
  err(line: string): void;
  stdin: NodeJS.ReadableStream;
  /** Standard error is a terminal: a place for a progress bar. */
  isTerminal: boolean;
}

export interface Verb {
  /** For the list of all verbs, in a few words. */
  summary: string;
  /** What `riposte help VERB` prints. */
  help: string;
  /** @returns the exit code. @throws RiposteError, whose exit code it is then */
  run(argv: string[], io: Io): Promise<number>;
}
