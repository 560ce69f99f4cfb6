import type { Arguments } from './arguments.ts';

/** Where a verb writes to, what it reads, and what it may look at. */
export interface Io {
  /** Writes a line. False when the reader is slower: wait for 'drain' on stdout before writing much more. */
  out(line: string | Buffer): boolean;
  /** Writes to standard error, as it is. */
  err(text: string): void;
  readonly stdin: AsyncIterable<Buffer>;
  readonly stdout: NodeJS.EventEmitter;
  /** Standard error is a terminal: a place for a progress bar. */
  readonly isTerminal: boolean;
  /** Standard output is a terminal that wants colours. */
  readonly hasColours: boolean;
  readonly env: NodeJS.ProcessEnv;
  /** The program that runs, by its absolute path. */
  readonly program: string;
}

/** One option of a verb, by its name without hyphens. */
export interface Option {
  /** What its value is, in capitals: DIR. Without it the option is a switch. */
  readonly value?: string;
  /** Another name, such as a single letter. */
  readonly alias?: string;
  /** What it does, for the help text, the man page and completion. */
  readonly text: string;
}

export interface Verb {
  /** For the list of all verbs, in a few words. */
  readonly summary: string;
  /** What stands behind the verb, besides options: `LOG…`. */
  readonly operands: string;
  readonly options: Readonly<Record<string, Option>>;
  /** What else a person should know. */
  readonly notes?: string;
  /** A command line, and what it does. */
  readonly examples: readonly (readonly [command: string, effect: string])[];
  /** @returns the exit code. @throws RiposteError, whose exit code it is then */
  run(given: Arguments, io: Io): Promise<number>;
}
