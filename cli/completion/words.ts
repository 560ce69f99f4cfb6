import { dashed } from '../arguments.ts';
import type { Option } from '../option.ts';
import type { Verb } from '../verb.ts';

/** The words that a position on the command line accepts. */
export type Completion =
  | { readonly kind: 'words'; readonly words: readonly string[] }
  | { readonly kind: 'files' | 'directories' | 'blocked' | 'nothing' };

/** An option as completion offers it, with its possible values; undefined for a switch. */
export interface OfferedOption {
  readonly name: string;
  readonly text: string;
  readonly value: Completion | undefined;
}

/** All names of a verb's options. */
export function optionsOf({ options }: Verb): OfferedOption[] {
  return Object.entries(options).flatMap(([name, option]) =>
    [name, ...(option.alias === undefined ? [] : [option.alias])].map((each) => ({
      name: dashed(each),
      text: option.text,
      value: valueCompletion(option),
    })),
  );
}

/** The operands of a verb. @param responses the names of all responses */
export function operandOf(name: string, { operands }: Verb, responses: readonly string[]): Completion {
  if (name === 'unblock') return { kind: 'blocked' };
  if (/\bRESPONSE\b/.test(operands)) return { kind: 'words', words: responses };
  const choice = /^[a-z|]+$/.test(operands) ? operands.split('|') : undefined;
  if (choice !== undefined) return { kind: 'words', words: choice };
  return { kind: /LOG|FILE/.test(operands) ? 'files' : 'nothing' };
}

function valueCompletion({ value }: Option): Completion | undefined {
  if (value === undefined) return undefined;
  if (value === 'DIR') return { kind: 'directories' };
  if (value === 'FILE') return { kind: 'files' };
  return /^[a-z\d-]+(\|[a-z\d-]+)+$/.test(value)
    ? { kind: 'words', words: value.split('|') }
    : { kind: 'nothing' };
}
