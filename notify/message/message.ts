import type { Home } from '../../active-response/home.ts';
import { printable } from '../../base/printable.ts';
import type { QueuedMessage } from '../queue/spool.ts';
import { digestOf } from './digest.ts';
import { type Message, titleOf } from './message-title.ts';
import type { Notice } from './notice.ts';
import { timeText, whatWasDone } from './what-was-done.ts';

/** The longest subject, in characters: mail clients show only this much in a list. */
const LONGEST_SUBJECT = 150;

/** Writes the message for queued notices, with the state of the ledger at this moment. */
export function messageOf({ notices }: Pick<QueuedMessage, 'notices'>, home: Home): Message {
  const [only, ...others] = notices;
  const { subject, text } = only && others.length === 0 ? alertOf(only, home) : digestOf(notices, home);
  return { subject: printable(subject, LONGEST_SUBJECT), text: `${text.trimEnd()}\n` };
}

function alertOf(notice: Notice, home: Home): Message {
  const { address, ruleId, ruleLevel, time, host, location, user, alertId, log } = notice;
  const what = titleOf(notice);
  const level = ruleLevel === undefined ? '' : `, level ${ruleLevel}`;
  const rows = [
    ['Address', address],
    ['Rule', ruleId && `${ruleId}${level}`],
    ['Time', timeText(time)],
    ['Host', host],
    ['From', location],
    ['User', user],
    ['Alert', alertId],
  ].flatMap(([name, value]) =>
    value === undefined || value === '' ? [] : `${`${name}:`.padEnd(9)} ${value}`,
  );
  const sections = [
    [what],
    rows,
    ['Actions', ...whatWasDone(home, notice).map(indented)],
    log.length > 0 ? ['The log', ...log.map(indented)] : [],
  ];
  const text = sections.filter((lines) => lines.length > 0).map((lines) => lines.join('\n'));
  return { subject: `[riposte] ${host}: ${address ? `${address}: ` : ''}${what}`, text: text.join('\n\n') };
}

const indented = (line: string): string => `  ${line}`;
