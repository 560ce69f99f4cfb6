import { printable } from '../../active-response/printable.ts';
import { styled } from '../style.ts';
import type { Io } from '../verb.ts';
import type { Finding } from './finding.ts';

/** How much of a finding is shown, in characters: paths, and what others have written into files. */
const LIMIT = 600;

/** One finding for a person: its state, what it is of, what was seen, and below it the fix. */
export function show({ topic, state, seen, fix }: Finding, io: Pick<Io, 'hasColours'>): string {
  const { word, colour } = STATES[state];
  const line = `${styled(colour, word.padEnd(7), io)}  ${topic.padEnd(15)}  ${printable(seen, LIMIT)}`;
  return fix === undefined ? line : `${line}\n${' '.repeat(26)}fix: ${printable(fix, LIMIT)}`;
}

const STATES = {
  ok: { word: 'ok', colour: 'green' },
  warning: { word: 'WARN', colour: 'yellow' },
  problem: { word: 'PROBLEM', colour: 'red' },
} as const;

/** The last line: how many of which. */
export function tally(findings: readonly Finding[]): string {
  const count = (state: Finding['state']) => findings.filter((each) => each.state === state).length;
  const many = (number: number, word: string) => `${number} ${word}${number === 1 ? '' : 's'}`;
  return `${many(count('problem'), 'problem')}, ${many(count('warning'), 'warning')}, ${count('ok')} ok`;
}

/** All of it for programs, as safe to print as the rest. */
export function asJson(home: string, findings: readonly Finding[]): string {
  const safe = findings.map(({ topic, state, seen, fix }) => ({
    topic,
    state,
    seen: printable(seen, LIMIT),
    ...(fix === undefined ? {} : { fix: printable(fix, LIMIT) }),
  }));
  return JSON.stringify({ home: printable(home, LIMIT), findings: safe }, undefined, 2);
}
