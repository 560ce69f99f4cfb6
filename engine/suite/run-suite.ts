import { Engine } from '../engine.ts';
import type { Event } from '../event/event.ts';
import type { Ruleset } from '../ruleset/ruleset.ts';
import type { Sequence } from './read-sequences.ts';
import type { Case } from './read-suite.ts';

/** A case or sequence that came out otherwise than expected, in words for a person. */
export interface Failure {
  file: string;
  line: number;
  section: string;
  what: string;
  expected: string;
  found: string;
  log: string;
}

/** @returns how the case came out otherwise than it should; undefined when it did not */
export function runCase(test: Case, ruleset: Ruleset, now: number): Failure | undefined {
  // Each case has a memory of its own, as it would in a new ossec-logtest.
  const engine = new Engine(ruleset, { counting: 'shared' });
  // A newline in a case makes several lines of it; the last one counts.
  const events = test.log.split('\n').map((log) => engine.judge(log, now));
  const event = events.at(-1) as Event;
  const wanted = `rule ${test.rule}, level ${test.level}, decoder ${test.decoder}`;
  const found = `rule ${event.rule?.id ?? 'none'}, level ${event.rule?.level ?? 'none'}, decoder ${event.decoder?.name ?? 'none'}`;
  if ((found.toLowerCase() === wanted.toLowerCase()) === test.passes) return undefined;
  return { ...test, what: test.name, expected: test.passes ? wanted : `not ${wanted}`, found };
}

/** @returns the first step that came out otherwise than it should; undefined when none did */
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
