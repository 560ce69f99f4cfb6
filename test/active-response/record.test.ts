import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { homeAt } from '../../active-response/home.ts';
import type { Outcome } from '../../active-response/outcome.ts';
import { record } from '../../active-response/record.ts';
import { temporaryDirectory } from './support.ts';

/** What the journal holds of these outcomes, which took so many milliseconds together. */
function journalOf(outcomes: readonly Outcome[], spent?: number): Record<string, unknown>[] {
  const home = homeAt(temporaryDirectory());
  const entries = outcomes.map((outcome) => ({ request: {}, outcome }));
  assert.equal(
    record(
      home,
      'firewall-drop',
      '/x/firewall-drop.js',
      entries,
      spent === undefined ? undefined : { spent },
    ),
    [],
  );
  return readFileSync(home.journal, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
}

const blocked: Outcome = { word: 'blocked', reason: 'until deleted' };

test('the journal has what the manager answered, where that was not to go on', () => {
  const [aborted, plain] = journalOf([{ ...blocked, answer: 'abort' }, blocked]);
  assert.equal([aborted?.answer, plain && 'answer' in plain], ['abort', false]);
});

test('what is done together shares the time that it took, so that the sum of all is right', () => {
  const count = 1000;
  const sum = journalOf(Array(count).fill(blocked), 450).reduce((all, { ms }) => all + Number(ms), 0);
  assert.ok(Math.abs(sum - 450) < 1, `${sum}`);
});

test('without a time it is that of the process', () => {
  assert.ok(Number(journalOf([blocked])[0]?.ms) > 1);
});

test.run();
