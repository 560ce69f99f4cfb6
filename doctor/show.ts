import { counted } from '../base/counted.ts';
import type { Io } from '../base/io.ts';
import { printable } from '../base/printable.ts';
import { styled } from '../base/style.ts';
import type { Finding } from './finding.ts';

/** The most characters of a finding that are shown: its text may come from untrusted files. */
const LIMIT = 600;

/** Renders a finding for a person: its state, topic and observation, and the fix below. */
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

/** Renders the last line: the number of findings in each state. */
export function tally(findings: readonly Finding[]): string {
  const count = (state: Finding['state']) => findings.filter((each) => each.state === state).length;
  return `${counted(count('problem'), 'problem')}, ${counted(count('warning'), 'warning')}, ${count('ok')} ok`;
}

/** Renders the findings as JSON, without characters that a terminal would interpret. */
export function asJson(home: string, findings: readonly Finding[]): string {
  const safe = findings.map(({ topic, state, seen, fix }) => ({
    topic,
    state,
    seen: printable(seen, LIMIT),
    ...(fix === undefined ? {} : { fix: printable(fix, LIMIT) }),
  }));
  return JSON.stringify({ home: printable(home, LIMIT), findings: safe }, undefined, 2);
}
