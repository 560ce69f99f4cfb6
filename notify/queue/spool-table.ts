import type { Home } from '../../active-response/home.ts';
import { printable } from '../../base/printable.ts';
import { table } from '../../base/table.ts';
import { timeText } from '../message/what-was-done.ts';
import { CHANNELS, countIn, messagesIn, newNotices, type QueuedMessage } from './spool.ts';
import { readState } from './state.ts';

/** The number of messages of each kind that are shown. */
const MOST = 100;

/** Lists the queued messages, and the failed ones. */
export function describeSpool(home: Home): string {
  const fresh = newNotices(home).map((notice) => row('new', { notices: [notice], reason: undefined }));
  const inbox = countIn(home, 'inbox');
  const waiting = CHANNELS.flatMap((name) => messagesIn(home, name, MOST).map((queued) => row(name, queued)));
  const failed = messagesIn(home, 'failed', MOST).map((queued) =>
    row('FAILED', {
      ...queued,
      reason:
        Object.entries(queued.refused).map(([recipient, why]) => `${recipient}: ${why}`)[0] ?? queued.reason,
    }),
  );
  const rows = [...fresh, ...waiting, ...failed];
  const channelErrors = Object.entries(readState(home)).flatMap(([name, { trouble, since }]) =>
    trouble === undefined
      ? []
      : [`${name}: Riposte could send no message since ${timeText(since ?? '')}: ${printable(trouble)}`],
  );
  const lines = [
    ...(rows.length > 0 ? [table([['WHERE', 'TIME', 'ALERTS', 'ADDRESS', 'RULE', 'WHY'], ...rows])] : []),
    ...(inbox > 0 ? [`Alerts from the integration that the next sweep reads: ${inbox}`] : []),
    ...channelErrors,
  ];
  return lines.length === 0 ? 'No message waits.' : lines.join('\n');
}

function row(where: string, { notices, reason }: Pick<QueuedMessage, 'notices' | 'reason'>): string[] {
  const [first, another] = notices;
  const isDigest = another !== undefined;
  return [
    where,
    timeText(first?.time ?? ''),
    String(notices.length),
    isDigest ? '…' : (first?.address ?? '-'),
    isDigest ? '…' : (first?.ruleId ?? '-'),
    printable(reason ?? '-', 200),
  ];
}
