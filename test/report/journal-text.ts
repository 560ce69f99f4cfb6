import type { JournalEvent } from '../../active-response/record/journal.ts';

/** The event of a block, with some fields changed. */
export const blockedEvent = (some: Partial<JournalEvent> = {}): JournalEvent => ({
  time: '2026-11-20T09:00:00.000Z',
  event: 'blocked',
  response: 'firewall-drop',
  command: 'add',
  address: '203.0.113.7',
  reason: 'until deleted, offence 1, by nftables',
  rule: '31151',
  offence: 1,
  until: null,
  ms: 5,
  ...some,
});

/** The text of a journal with these events. */
export const journalText = (...events: Partial<JournalEvent>[]): string =>
  events.map((each) => `${JSON.stringify(blockedEvent(each))}\n`).join('');

/** The fields of an event that may hold any text. */
export const TEXT_FIELDS = [
  'response',
  'address',
  'reason',
  'user',
  'rule',
  'alert',
  'location',
  'description',
  'note',
  'backend',
];
