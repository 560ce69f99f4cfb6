import type { JournalEvent } from '../../active-response/record/journal.ts';

/** A block that this host has decided and reports. Its log line has a user and a path, which no report may contain. */
export const REPORTED_EVENT: JournalEvent = {
  time: '2026-11-20T10:00:00.000Z',
  event: 'blocked',
  response: 'firewall-drop',
  address: '203.0.113.7',
  reason: '',
  rule: '117053',
  description: 'a probe',
  log: '203.0.113.7 - alice [x] "GET /hidden HTTP/1.1"',
  ms: 1,
};
