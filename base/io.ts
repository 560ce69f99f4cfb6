/** The input, output and environment of a verb. */
export interface Io {
  /** Writes a line. Returns false when the reader is slower: wait for 'drain' on stdout before writing much more. */
  out(line: string | Buffer): boolean;
  /** Writes text to standard error, unchanged. */
  err(text: string): void;
  readonly stdin: AsyncIterable<Buffer>;
  readonly stdout: NodeJS.EventEmitter;
  /** True if standard error is a terminal, so that a progress bar can be shown. */
  readonly isTerminal: boolean;
  /** True if standard output is a terminal that shows colours. */
  readonly hasColours: boolean;
  readonly env: NodeJS.ProcessEnv;
  /** The absolute path of the running program. */
  readonly program: string;
}
