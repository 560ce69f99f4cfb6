import { dashed } from './arguments.ts';
import type { Option, Verb } from './verb.ts';

/** What `riposte help` prints. */
export function helpOnAll(verbs: Readonly<Record<string, Verb>>): string {
  const lines = Object.entries(verbs).map(([name, { summary }]) => `  ${name.padEnd(11)} ${summary}`);
  return ['riposte VERB [options]     riposte help VERB', '', ...lines, '', 'riposte --version'].join('\n');
}

/** What `riposte VERB --help` prints. */
export function helpOn(name: string, { summary, operands, options, notes, examples }: Verb): string {
  const usage = ['riposte', name, Object.keys(options).length === 0 ? '' : '[options]', operands]
    .filter((word) => word !== '')
    .join(' ');
  return [
    `${usage}\n\n${summary[0]?.toUpperCase()}${summary.slice(1)}.`,
    ...(Object.keys(options).length === 0 ? [] : [Object.entries(options).map(describe).join('\n')]),
    ...(notes === undefined ? [] : [notes]),
    examples.map(([command, effect]) => `  ${command}\n      ${effect}`).join('\n'),
  ].join('\n\n');
}

/** An option as the help text has it: `--home DIR`. */
export function usageOf([name, { value, alias }]: [string, Option]): string {
  const names = [name, ...(alias === undefined ? [] : [alias])].map(dashed).join(', ');
  return value === undefined ? names : `${names} ${value}`;
}

function describe(option: [string, Option]): string {
  const usage = usageOf(option);
  const [, { text }] = option;
  return usage.length > 20 ? `  ${usage}\n${' '.repeat(24)}${text}` : `  ${usage.padEnd(22)}${text}`;
}
