import type { Home } from '../../active-response/home.ts';
import { counted } from '../../base/counted.ts';
import { groupBy } from '../../base/group-by.ts';
import { type Message, titleOf } from './message-title.ts';
import type { Notice } from './notice.ts';
import { timeText, whatWasDone } from './what-was-done.ts';

/** The number of groups of alerts that a digest shows; the other groups are only counted. */
const MOST_GROUPS = 50;

/** Combines many alerts in one message: grouped by address and rule, the most frequent first. */
export function digestOf(notices: readonly Notice[], home: Home): Message {
  const groups = [...groupsOf(notices).values()].sort((a, b) => b.length - a.length);
  const shown = groups.slice(0, MOST_GROUPS);
  const hidden = groups.slice(MOST_GROUPS);
  const addresses = new Set(notices.flatMap(({ address }) => address ?? [])).size;
  const times = notices.map(({ time }) => time).sort();
  const [first = '', last = ''] = [times[0], times.at(-1)];
  const count = `${counted(notices.length, 'alert')} about ${counted(addresses, 'address', 'addresses')}`;
  const host = notices[0]?.host ?? '';
  const sections = [
    `${count}, from ${timeText(first)} to ${timeText(last)}.`,
    ...shown.map((group) => describe(group, home)),
    ...(hidden.length > 0 ? [remainder(hidden)] : []),
    'To see all alerts: riposte history',
  ];
  return { subject: `[riposte] ${host}: ${count}`, text: sections.join('\n\n') };
}

const groupsOf = (notices: readonly Notice[]): Map<string, Notice[]> =>
  groupBy(notices, ({ address, ruleId }) => JSON.stringify([address, ruleId]));

function describe(group: readonly Notice[], home: Home): string {
  const first = group[0] as Notice;
  const address = first.address ?? 'no address';
  const rule = first.ruleId ? `, rule ${first.ruleId}` : '';
  const [line] = first.log;
  return [
    `${address}: ${group.length} × ${titleOf(first)}${rule}`,
    ...whatWasDone(home, first).map((each) => `  ${each}`),
    ...(line === undefined ? [] : [`  ${line}`]),
  ].join('\n');
}

function remainder(groups: readonly (readonly Notice[])[]): string {
  const count = groups.reduce((sum, group) => sum + group.length, 0);
  return `This message leaves out ${count} alerts, in ${groups.length} groups of one address and one rule.`;
}
