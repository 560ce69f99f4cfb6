import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { homeAt } from '../../../active-response/home.ts';
import type { Outcome } from '../../../active-response/record/outcome.ts';
import { record } from '../../../active-response/record/record.ts';
import { temporaryDirectory } from '../support.ts';

/** The journal's events for these outcomes. @param spent the total time of the outcomes, in milliseconds */
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

test('journals the manager’s reply unless it is “continue”', () => {
  const [aborted, plain] = journalOf([{ ...blocked, answer: 'abort' }, blocked]);
  assert.equal([aborted?.answer, plain && 'answer' in plain], ['abort', false]);
});

test('divides the total time among several requests', () => {
  const count = 1000;
  const sum = journalOf(Array(count).fill(blocked), 450).reduce((all, { ms }) => all + Number(ms), 0);
  assert.ok(Math.abs(sum - 450) < 1, `${sum}`);
});

test('records the running time of the process when the caller gives no time', () => {
  assert.ok(Number(journalOf([blocked])[0]?.ms) > 1);
});

test('writes a manager’s protocol into the journal, and OSSEC’s protocol for every other source', () => {
  const home = homeAt(temporaryDirectory());
  const sources = [undefined, 'ossec', 'wazuh4', 'wazuh5', 'operator', 'server', 'sweep'] as const;
  record(
    home,
    'firewall-drop',
    '/x/firewall-drop.js',
    sources.map((source) => ({ request: source ? { source } : {}, outcome: blocked })),
  );
  const lines = readFileSync(home.journal, 'utf8').trimEnd().split('\n');
  assert.equal(
    lines.map((line) => JSON.parse(line).protocol),
    [undefined, 'ossec', 'wazuh4', 'wazuh5', 'ossec', 'ossec', 'ossec'],
  );
});

test.run();
