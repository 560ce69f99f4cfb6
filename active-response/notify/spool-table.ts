import type { Home } from '../home.ts';
import { printable } from '../printable.ts';
import { table } from '../table.ts';
import { CHANNELS, countIn, type Letter, lettersIn, newNotices } from './spool.ts';
import { readState } from './state.ts';
import { timeText } from './what-was-done.ts';

/** How many letters are shown of each kind. */
const MOST = 100;

/** What waits to be sent, and what no server would take, for a person. */
export function describeSpool(home: Home): string {
  const fresh = newNotices(home).map((notice) => row('new', { notices: [notice], reason: undefined }));
  const inbox = countIn(home, 'inbox');
  const waiting = CHANNELS.flatMap((name) => lettersIn(home, name, MOST).map((letter) => row(name, letter)));
  const failed = lettersIn(home, 'failed', MOST).map((letter) =>
    row('FAILED', {
      ...letter,
      reason: Object.entries(letter.refused).map(([who, why]) => `${who}: ${why}`)[0] ?? letter.reason,
    }),
  );
  const rows = [...fresh, ...waiting, ...failed];
  const troubles = Object.entries(readState(home)).flatMap(([name, { trouble, since }]) =>
    trouble === undefined
      ? []
      : [`${name}: nothing could be sent since ${timeText(since ?? '')}: ${printable(trouble)}`],
  );
  const lines = [
    ...(rows.length > 0 ? [table([['WHERE', 'TIME', 'ALERTS', 'ADDRESS', 'RULE', 'WHY'], ...rows])] : []),
    ...(inbox > 0 ? [`${inbox} from the integration, not looked at yet`] : []),
    ...troubles,
  ];
  return lines.length === 0 ? 'No message waits.' : lines.join('\n');
}

function row(where: string, { notices, reason }: Pick<Letter, 'notices' | 'reason'>): string[] {
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
