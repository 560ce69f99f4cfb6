import type { Event } from '../event/event.ts';
import { Engine } from '../engine.ts';
import type { Ruleset } from '../ruleset/ruleset.ts';
import type { Case, Sequence, Suite } from './read-suite.ts';

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

export interface SuiteResult {
  passed: number;
  failures: Failure[];
}

/** Judges every case and sequence of a suite, each with a memory of its own, as a new logtest would. */
export function runSuite(suite: Suite, ruleset: Ruleset, now: number): SuiteResult {
  const failures = [
    ...suite.cases.map((test) => runCase(test, ruleset, now)),
    ...suite.sequences.map((sequence) => runSequence(sequence, ruleset, now)),
  ].filter((failure) => failure !== undefined);
  return { passed: suite.cases.length + suite.sequences.length - failures.length, failures };
}

function runCase(test: Case, ruleset: Ruleset, now: number): Failure | undefined {
  const engine = new Engine(ruleset, { counting: 'shared' });
  // ossec-logtest reads a case from a pipe, so a newline in it makes several lines; the last one counts.
  const events = test.log.split('\n').map((log) => engine.judge(log, now));
  const event = events.at(-1) as Event;
  const isAsExpected = verdictOf(event) === `rule ${test.rule}, level ${test.level}, decoder ${test.decoder.toLowerCase()}`;
  if (isAsExpected === test.passes) return undefined;
  const wanted = `rule ${test.rule}, level ${test.level}, decoder ${test.decoder}`;
  return {
    ...test,
    what: test.name,
    expected: test.passes ? wanted : `not ${wanted}`,
    found: verdictOf(event),
  };
}

function verdictOf({ rule, decoder }: Event): string {
  return `rule ${rule?.id ?? 'none'}, level ${rule?.level ?? 'none'}, decoder ${decoder?.name.toLowerCase() ?? 'none'}`;
}

function runSequence(sequence: Sequence, ruleset: Ruleset, now: number): Failure | undefined {
  const engine = new Engine(ruleset, { counting: 'shared' });
  const alerts: string[] = [];
  for (const { seconds, log } of sequence.steps) {
    const { isAlert, rule } = engine.judge(log, now + seconds);
    if (isAlert && rule) alerts.push(String(rule.id));
  }
  const [expected, found] = [sequence.alerts.join(' '), alerts.join(' ')];
  if (expected === found) return undefined;
  return {
    ...sequence,
    what: `sequence of ${sequence.steps.length}`,
    expected: `alerts ${expected}`,
    found: `alerts ${found}`,
    log: sequence.steps.at(-1)?.log ?? '',
  };
}
