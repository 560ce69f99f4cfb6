import type { Io } from '../base/io.ts';
import type { Arguments } from './arguments.ts';
import type { Option } from './option.ts';

export interface Verb {
  /** A few words for the list of all verbs. */
  readonly summary: string;
  /** The arguments of the verb besides options: `LOG…`. */
  readonly operands: string;
  readonly options: Readonly<Record<string, Option>>;
  /** True for a verb that runs until it is stopped, or prints output while it runs: no elapsed time is shown. */
  readonly isLasting?: boolean;
  /** Further explanations for the help text. */
  readonly notes?: string;
  /** A command line, and its effect. */
  readonly examples: readonly (readonly [command: string, effect: string])[];
  /** @returns the exit code. @throws RiposteError, whose exit code is used then */
  run(given: Arguments, io: Io): Promise<number>;
}
