import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { JournalEvent } from '../../../active-response/record/journal.ts';
import { alertOf, reportableIn, scenarioOf } from '../../../serve/crowdsec/report.ts';
import { REPORTED_EVENT } from '../reported-event.ts';

const NOW = Date.parse('2026-11-20T10:00:10.000Z');
const EVENT: JournalEvent = { ...REPORTED_EVENT, until: '2026-11-20T11:00:00.000Z' };

test('reports decisions of this host, and no decision of another source', () => {
  const isReported = (more: Partial<JournalEvent>) => reportableIn({ ...EVENT, ...more }, NOW) !== undefined;
  for (const more of [{}, { origin: 'fail2ban:sshd' }, { event: 'already' as const }, { rule: undefined }])
    assert.ok(isReported(more), JSON.stringify(more));
  const others: Partial<JournalEvent>[] = [
    { origin: 'crowdsec' },
    { origin: 'drop' },
    { event: 'held' },
    { event: 'restored' },
    { event: 'failed' },
    { response: 'email-alert' },
    { address: undefined },
    { address: '10.1.2.3' },
    { address: 'fd00::1' },
    { until: '2026-11-20T10:00:05.000Z' },
    { event: 'already', until: undefined },
  ];
  for (const more of others) assert.not.ok(isReported(more), JSON.stringify(more));
});

test('reports a block that was ended early, but no block that ended by itself', () => {
  const end = (more: Partial<JournalEvent>) => reportableIn({ ...EVENT, event: 'unblocked', ...more }, NOW);
  assert.is(end({})?.until, 'released');
  assert.is(end({ until: null })?.until, 'released');
  assert.is(end({ until: '2026-11-20T10:00:00.000Z' }), undefined);
  assert.is(end({ origin: 'crowdsec' }), undefined);
});

test('reports the end of this host’s own part of a block that a list keeps', () => {
  const kept = (more: Partial<JournalEvent>) => reportableIn({ ...EVENT, event: 'kept', ...more }, NOW);
  assert.is(kept({})?.until, 'released');
  assert.is(kept({ origin: 'fail2ban:sshd' })?.until, 'released');
  assert.is(kept({ origin: 'drop' }), undefined);
});

test('makes an alert whose decision ends with the block, and leaves out the line of the log', () => {
  const reportable = reportableIn(EVENT, NOW);
  assert.ok(reportable);
  const alert = alertOf(reportable, 'web1') as Record<string, unknown>;
  const decisions = [
    {
      duration: '3600s',
      origin: 'riposte:web1',
      scenario: 'riposte/117053',
      scope: 'Ip',
      type: 'ban',
      value: '203.0.113.7',
    },
  ];
  assert.equal([alert.decisions, alert.stop_at], [decisions, EVENT.time]);
  assert.not.match(JSON.stringify(alert), 'alice');
  const network = reportableIn({ ...EVENT, address: '2001:db8::/64', until: null }, NOW);
  assert.ok(network);
  assert.match(JSON.stringify(alertOf(network, 'web1')), '"scope":"Range"');
});

test('names a scenario by the rule, the program, or the response', () => {
  assert.is(scenarioOf(EVENT), 'riposte/117053');
  assert.is(scenarioOf({ ...EVENT, rule: undefined, origin: 'fail2ban:sshd' }), 'riposte/fail2ban-sshd');
  assert.is(scenarioOf({ ...EVENT, rule: undefined }), 'riposte/firewall-drop');
  assert.is(scenarioOf({ ...EVENT, rule: 'a b/c' }), 'riposte/a_b_c');
});

test.run();
