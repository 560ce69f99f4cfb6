import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { homeAt } from '../../../active-response/home.ts';
import { type JournalEvent, writeEvents } from '../../../active-response/record/journal.ts';
import { temporaryDirectory } from '../support.ts';

const EVENT: JournalEvent = {
  time: '2026-11-20T09:29:46.123Z',
  event: 'blocked',
  response: 'firewall-drop',
  command: 'add',
  protocol: 'wazuh4',
  address: '203.0.113.9',
  reason: 'until deleted, offence 1, by nftables',
  user: 'bob',
  rule: '5710',
  level: 10,
  alert: '1795166201.0',
  location: '/var/log/auth.log',
  backend: 'nftables',
  until: null,
  offence: 1,
  ms: 31,
};

test('writes one event in each line, in order', () => {
  const home = homeAt(temporaryDirectory());
  writeEvents(home, [EVENT]);
  writeEvents(home, [{ ...EVENT, event: 'unblocked', until: undefined }]);
  const [first = '', second = '', rest] = readFileSync(home.journal, 'utf8').split('\n');
  assert.equal(JSON.parse(first), EVENT);
  const { until, ...unblocked } = { ...EVENT, event: 'unblocked' };
  assert.equal(JSON.parse(second), unblocked);
  assert.is(rest, '');
});

test('writes an event with line breaks in its texts as one line', () => {
  const home = homeAt(temporaryDirectory());
  const event = { ...EVENT, reason: 'a\nb\r\nc', location: '"\n{"event":"blocked"}\n' };
  writeEvents(home, [event]);
  const lines = readFileSync(home.journal, 'utf8').split('\n');
  assert.is(lines.length, 2);
  assert.equal(JSON.parse(lines[0] ?? ''), event);
});

test.run();
