import { Engine } from '../engine.ts';
import type { Event } from '../event/event.ts';
import type { Ruleset } from '../ruleset/ruleset.ts';
import type { Sequence } from './read-sequences.ts';
import type { Case } from './read-suite.ts';

/** A failed case or sequence, described for a person. */
export interface Failure {
  file: string;
  line: number;
  section: string;
  what: string;
  expected: string;
  found: string;
  log: string;
}

/** @returns the failure of the case, or undefined */
export function runCase(test: Case, ruleset: Ruleset, now: number): Failure | undefined {
  // A fresh engine for each case, like a new ossec-logtest.
  const engine = new Engine(ruleset, { counting: 'shared' });
  // A case with newlines is several lines; the last line decides.
  const events = test.log.split('\n').map((log) => engine.judge(log, now));
  const event = events.at(-1) as Event;
  const wanted = `rule ${test.rule}, level ${test.level}, decoder ${test.decoder}`;
  const found = `rule ${event.rule?.id ?? 'none'}, level ${event.rule?.level ?? 'none'}, decoder ${event.decoder?.name ?? 'none'}`;
  if ((found.toLowerCase() === wanted.toLowerCase()) === test.passes) return undefined;
  return { ...test, what: test.name, expected: test.passes ? wanted : `not ${wanted}`, found };
}

/** @returns the first failed step, or undefined */
export function runSequence(sequence: Sequence, ruleset: Ruleset, now: number): Failure | undefined {
  const engine = new Engine(ruleset, { counting: ruleset.dialect === 'wazuh' ? 'keyed' : 'shared' });
  for (const [i, { seconds, expected, log, line }] of sequence.steps.entries()) {
    const { rule } = engine.judge(log, now + seconds);
    const found = rule ? `${rule.id}:${rule.level}` : '-';
    if (expected === '*' || found === expected) continue;
    return { ...sequence, line, what: `line ${i + 1} of ${sequence.steps.length}`, expected, found, log };
  }
  return undefined;
}
