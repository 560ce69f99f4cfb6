import { dashed } from './arguments.ts';
import type { Option } from './option.ts';
import type { Verb } from './verb.ts';

type Verbs = Readonly<Record<string, Verb>>;

/** The text of `riposte help`. @param groups the verbs by purpose: `set up`, `watch`, … */
export function helpOnAll(groups: Readonly<Record<string, Verbs>>): string {
  const lines = Object.entries(groups).flatMap(([group, verbs]) => [
    `${capitalised(group)}:`,
    ...Object.entries(verbs).map(([name, { summary }]) => `  ${name.padEnd(11)} ${summary}`),
    '',
  ]);
  return [
    'riposte VERB [options]     riposte help VERB',
    '',
    ...lines,
    'riposte --version',
    'riposte VERB --debug       also print each step, and the stack of an error (or RIPOSTE_DEBUG=1)',
  ].join('\n');
}

/** A text with its first letter in upper case. */
export const capitalised = (text: string): string => `${text[0]?.toUpperCase() ?? ''}${text.slice(1)}`;

/** The text of `riposte VERB --help`. */
export function helpOn(name: string, { summary, operands, options, notes, examples }: Verb): string {
  const usage = ['riposte', name, Object.keys(options).length === 0 ? '' : '[options]', operands]
    .filter((word) => word !== '')
    .join(' ');
  return [
    `${usage}\n\n${capitalised(summary)}.`,
    ...(Object.keys(options).length === 0 ? [] : [Object.entries(options).map(describe).join('\n')]),
    ...(notes === undefined ? [] : [notes]),
    examples.map(([command, effect]) => `  ${command}\n      ${effect}`).join('\n'),
  ].join('\n\n');
}

/** An option as in the help text: `--home DIR`. */
export function usageOf([name, { value, alias }]: [string, Option]): string {
  const names = [name, ...(alias === undefined ? [] : [alias])].map(dashed).join(', ');
  return value === undefined ? names : `${names} ${value}`;
}

function describe(option: [string, Option]): string {
  const usage = usageOf(option);
  const [, { text }] = option;
  return usage.length > 20 ? `  ${usage}\n${' '.repeat(24)}${text}` : `  ${usage.padEnd(22)}${text}`;
}
