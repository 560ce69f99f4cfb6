import minimist from 'minimist';
import { EX, RiposteError } from '../active-response/errors.ts';

/** What a verb takes: options with a value, options without, and their one-letter names. */
export interface ArgumentsShape {
  values?: readonly string[];
  flags?: readonly string[];
  aliases?: Readonly<Record<string, string>>;
}

export interface Arguments {
  /** What is not an option, in order. */
  rest: string[];
  value(name: string): string | undefined;
  /** All values of an option that may be given several times. */
  all(name: string): string[];
  flag(name: string): boolean;
}

/** @throws RiposteError (USAGE) for an option that the verb does not have, or a missing value */
export function readArguments(
  argv: string[],
  { values = [], flags = [], aliases = {} }: ArgumentsShape,
): Arguments {
  const parsed = minimist(argv, {
    string: ['_', ...values],
    boolean: [...flags],
    alias: aliases,
    unknown: (argument) => {
      if (!argument.startsWith('-') || argument === '-') return true;
      throw new RiposteError(EX.USAGE, `unknown option ${argument}`);
    },
  });
  for (const name of values) {
    if ([parsed[name]].flat().includes(''))
      throw new RiposteError(EX.USAGE, `option --${name} needs a value`);
  }
  const all = (name: string): string[] => [parsed[name] ?? []].flat();
  return { rest: parsed._, value: (name) => all(name).at(-1), all, flag: (name) => parsed[name] === true };
}
