import type { Home } from '../home.ts';
import { printable } from '../printable.ts';
import { digestOf } from './digest.ts';
import type { Notice } from './notice.ts';
import type { Letter } from './spool.ts';
import { timeText, whatWasDone } from './what-was-done.ts';

/** What somebody reads. */
export interface Message {
  /** One line. */
  readonly subject: string;
  readonly text: string;
}

/** How long a subject may be, in characters: what a list of mails shows. */
const LONGEST_SUBJECT = 150;

/** A letter as a message, with what was done as the ledger says it now. */
export function messageOf({ notices }: Pick<Letter, 'notices'>, home: Home): Message {
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
    ['What was done', ...whatWasDone(home, address).map(indented)],
    log.length > 0 ? ['The log', ...log.map(indented)] : [],
  ];
  const text = sections.filter((lines) => lines.length > 0).map((lines) => lines.join('\n'));
  return { subject: `[riposte] ${host}: ${address ? `${address}: ` : ''}${what}`, text: text.join('\n\n') };
}

/** What happened, in the rule's own words where they are known. */
export const titleOf = ({ description, ruleId, ruleLevel }: Notice): string => {
  const level = ruleLevel === undefined ? '' : ` (level ${ruleLevel})`;
  return `${description ?? (ruleId ? `Rule ${ruleId} fired` : 'Active response')}${level}`;
};

const indented = (line: string): string => `  ${line}`;
