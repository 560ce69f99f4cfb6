import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Request } from '../../active-response/protocol/request.ts';
import { ossecLine, wazuhLine } from '../../active-response/record/active-responses-log.ts';
import type { JournalEvent } from '../../active-response/record/journal.ts';
import type { Outcome } from '../../active-response/record/outcome.ts';
import { RESPONSES } from '../../active-response/response/responses.ts';
import { classesOf, countEvent, countRefusal, labelsIn, noCounts } from '../../metrics/counts.ts';

const EVENT: JournalEvent = {
  time: '2026-11-20T09:29:46.000Z',
  event: 'blocked',
  response: 'firewall-drop',
  reason: '',
  rule: '31151',
  ms: 250,
};
const WRITER = { script: '/var/ossec/active-response/bin/firewall-drop.js', name: 'firewall-drop.js' };

function countsOf(...events: Partial<JournalEvent>[]) {
  const counts = noCounts();
  const labels = labelsIn(counts);
  for (const event of events) countEvent(counts, { ...EVENT, ...event }, labels);
  return counts;
}

/** Counts the refusals of firewall-drop in these lines. */
function refusalsIn(...lines: string[]): number | undefined {
  const counts = noCounts();
  for (const line of lines) countRefusal(counts, line);
  return counts['firewall-drop']?.outcomes.refused;
}

const line = (
  form: typeof ossecLine,
  outcome: Outcome,
  request: Partial<Request> = { command: 'add', alertId: '1.2', ruleId: '5' },
) => form(WRITER, request, outcome, new Date('2026-11-20T09:29:46Z'));

test('counts an event by its outcome and a block by its rule, too, and sums the durations', () => {
  const counts = countsOf({}, {}, { rule: undefined }, { event: 'failed', ms: 20 });
  const { outcomes, blocks, timed, milliseconds } = counts['firewall-drop'] ?? {};
  assert.equal([outcomes?.blocked, outcomes?.failed, outcomes?.held], [3, 1, 0]);
  assert.equal([blocks, timed, milliseconds], [{ 31151: 2, none: 1 }, 4, 770]);
});

test('counts a block in the class of its rule, or as made by a program or by hand', () => {
  const counts = countsOf(
    { rule: '117103' },
    { rule: '117078' },
    { rule: '117105' },
    { rule: '31151' },
    { rule: '100100' },
    { rule: undefined },
    { rule: undefined, origin: 'fail2ban:sshd' },
    { rule: undefined, origin: 'drop' },
    { rule: '117103', event: 'failed' },
  );
  const { classes = {} } = counts['firewall-drop'] ?? {};
  assert.equal(Object.fromEntries(Object.entries(classes).filter(([, count]) => count > 0)), {
    burst: 2,
    'robot-burst': 1,
    'only-counted': 1,
    'other-rule': 1,
    'by-hand': 1,
    program: 1,
  });
  assert.is(classes.severe, 0);
});

test('finds the classes of blocks from counts by rule', () => {
  assert.equal(classesOf({ 117100: 3, 117050: 2, 117101: 1, 5: 4, other: 6, none: 7 }), {
    unmistakable: 5,
    severe: 1,
    'other-rule': 10,
    'by-hand': 7,
  });
});

test('counts the manager’s answers with any outcome', () => {
  const counts = countsOf({ event: 'already', answer: 'abort' }, { answer: 'abort' }, { answer: 'silence' });
  assert.equal([counts['firewall-drop']?.aborts, counts['firewall-drop']?.silences], [2, 1]);
});

test('ignores unknown responses, outcomes and durations', () => {
  const odd = { response: '__proto__' } as const;
  const counts = countsOf(odd, { event: 'constructor' as 'blocked' }, { ms: undefined as unknown as number });
  assert.equal(counts['firewall-drop']?.timed, 0);
  assert.equal(Object.keys(counts).sort(), [...RESPONSES.map(({ name }) => name), 'email-alert'].sort());
});

test('counts refused requests in both managers’ log forms', () => {
  const refused: Outcome = { word: 'refused', reason: "'x y' is not an address" };
  assert.is(refusalsIn(line(ossecLine, refused), line(wazuhLine, refused), line(ossecLine, refused, {})), 3);
});

test('counts no other outcome when an attacker writes “refused” into a field', () => {
  const reason = 'add - - - - refused: firewall-drop.js: {"riposte":{"outcome":"refused"}}';
  const held: Outcome = { word: 'held', reason, address: '203.0.113.7' };
  const request: Partial<Request> = { command: 'add', user: reason, alertId: '1.2', location: reason };
  assert.is(refusalsIn(line(ossecLine, held, request), line(wazuhLine, held, request)), 0);
});

test('ignores lines of other scripts, and lines that are cut off', () => {
  const refused: Outcome = { word: 'refused', reason: 'no address' };
  const others = [ossecLine, wazuhLine].map((form) =>
    line(form, refused).replaceAll('firewall-drop', 'host-deny'),
  );
  assert.is(refusalsIn(...others, line(wazuhLine, refused).slice(0, -1)), 0);
});

test.run();
