/** Where a verb writes to, and what it reads. */
export interface Io {
  /** Writes a line. False when the reader is slower: wait for 'drain' on stdout before writing much more. */
  out(line: string | Buffer): boolean;
  /** Writes to standard error, as it is. */
  err(text: string): void;
  stdin: AsyncIterable<Buffer>;
  stdout: NodeJS.EventEmitter;
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
