import minimist from 'minimist';
import { EX, RiposteError } from '../base/errors.ts';
import type { Option } from './option.ts';

/** The arguments of a verb. */
export interface Arguments {
  /** The arguments that are not options, in order. */
  readonly rest: readonly string[];
  /** The last value of an option. */
  value(name: string): string | undefined;
  /** All values of an option that may be repeated. */
  all(name: string): string[];
  flag(name: string): boolean;
  /** A flag that --no-NAME revokes; undefined when neither the flag nor --no-NAME is given. */
  choice(name: string): boolean | undefined;
}

/** @throws RiposteError (USAGE) for an unknown option, or a missing value */
export function readArguments(argv: readonly string[], options: Readonly<Record<string, Option>>): Arguments {
  const names = Object.keys(options);
  const values = names.filter((name) => options[name]?.value !== undefined);
  const aliases = names.flatMap((name) => {
    const alias = options[name]?.alias;
    return alias === undefined ? [] : [[name, alias] as const];
  });
  // minimist reads --no-block as `block` being false.
  const negative = new Set(names.filter((name) => name.startsWith('no-')).map(dashed));
  const written = argv.map((argument) => (negative.has(argument) ? `${argument}=true` : argument));
  const flags = names.filter((name) => !values.includes(name));
  const parsed = minimist(written, {
    string: ['_', ...values],
    boolean: flags,
    default: Object.fromEntries(flags.map((name) => [name, null])),
    alias: Object.fromEntries(aliases),
    unknown: (argument) => {
      if (!argument.startsWith('-') || argument === '-') return true;
      throw new RiposteError(EX.USAGE, `unknown option ${argument}`);
    },
  });
  for (const name of values) {
    if ([parsed[name]].flat().includes(''))
      throw new RiposteError(EX.USAGE, `option ${dashed(name)} needs a value`);
  }
  const all = (name: string): string[] => [parsed[name] ?? []].flat();
  return {
    rest: parsed._,
    value: (name) => all(name).at(-1),
    all,
    flag: (name) => parsed[name] === true,
    choice: (name) => parsed[name] ?? undefined,
  };
}

/** An option as on the command line: `--json`, `-q`. */
export const dashed = (name: string): string => `${name.length === 1 ? '-' : '--'}${name}`;
