import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { JournalEvent } from '../../../active-response/record/journal.ts';
import { abuseReporter } from '../../../evaluate/answers/abuse-report.ts';
import { ANSWERS } from '../../../evaluate/answers/answer-table.ts';
import { reportIn } from '../../../serve/abuseipdb/collect-reports.ts';
import { REPORTED_EVENT } from '../reported-event.ts';

const reportOf = abuseReporter();

test('makes a report of a block, without the text of the alert', () => {
  const report = reportIn({ ...REPORTED_EVENT, description: 'a probe by alice' }, reportOf);
  assert.equal(
    [report?.address, report?.categories, report?.time, report?.rule],
    ['203.0.113.7', '21', REPORTED_EVENT.time, '117053'],
  );
  assert.not.match(JSON.stringify(report), /alice|hidden/);
});

test('reports only blocks of one public address that this host decided for a known rule', () => {
  const isReported = (more: Partial<JournalEvent>) =>
    reportIn({ ...REPORTED_EVENT, ...more }, reportOf) !== undefined;
  for (const more of [{}, { event: 'spooled' as const }, { rule: '5712' }, { address: '2001:db8::1' }])
    assert.ok(isReported(more), JSON.stringify(more));
  const others: Partial<JournalEvent>[] = [
    { origin: 'crowdsec' },
    { origin: 'drop' },
    { event: 'held' },
    { event: 'restored' },
    { event: 'already' },
    { event: 'unblocked' },
    { response: 'email-alert' },
    { response: 'abuseipdb' },
    { address: undefined },
    { address: '10.1.2.3' },
    { address: '100.64.0.1' },
    { address: 'fd00::1' },
    { address: '198.51.100.0/24' },
    { address: '2001:db8::/64' },
    { rule: undefined },
    { rule: '1002' },
    { rule: '5a0c8a5e-0000-4000-8000-000000000001' },
  ];
  for (const more of others) assert.not.ok(isReported(more), JSON.stringify(more));
});

test('has categories and a comment for each rule that starts a response', () => {
  for (const { rule } of ANSWERS) {
    const { categories, comment } = reportOf(String(rule)) ?? {};
    assert.match(categories ?? '', /^\d+(,\d+)*$/, String(rule));
    assert.match(comment ?? '', `(rule ${rule})`);
  }
});

test.run();
