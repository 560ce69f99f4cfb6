import type { AllSettings } from '../../active-response/settings/server-settings.ts';
import { table } from '../../base/table.ts';
import type { AnsweredRule, Response } from './answered-rules.ts';

const HEAD = ['RULE', 'LEVEL', 'CLASS', 'SERVE', 'MANAGER', 'WHY'];

/** Renders the rules for a person: the answered rules, the other rules, and the settings that decide. */
export function rulesText(rules: readonly AnsweredRule[], settings: AllSettings): string {
  const answered = rules.filter(({ server, manager }) => server ?? manager);
  const others = rules.filter((rule) => !answered.includes(rule));
  return [
    table([HEAD, ...answered.map(row)]),
    '',
    'Not answered, because visitors raise these alerts, too (ANSWER_RULES=31151,… makes serve and scan answer them):',
    table(others.map(({ rule, why }) => [String(rule), why])),
    '',
    ...settingsLines(settings),
  ].join('\n');
}

function row({ rule, level, class: name, server, manager, why }: AnsweredRule): string[] {
  return [
    String(rule),
    level === undefined ? '-' : String(level),
    name,
    server === undefined ? '-' : timesText(server),
    manager === undefined ? '-' : `${manager.name} ${timesText(manager)}`,
    why,
  ];
}

const timesText = ({ seconds }: Response): string => seconds.map(spanText).join(', ');

const UNITS = [
  ['w', 604_800],
  ['d', 86_400],
  ['h', 3600],
  ['m', 60],
] as const;

/** A time as in riposte.conf. One week is written 7d, as in the documentation. */
export function spanText(seconds: number): string {
  const [letter, length] = UNITS.find(
    ([unit, each]) => seconds % each === 0 && (unit !== 'w' || seconds > each),
  ) ?? ['s', 1];
  return `${seconds / length}${letter}`;
}

function settingsLines({
  blockFor,
  blockForCounted,
  answerRules,
  severeRules,
  severeLevel,
}: AllSettings): string[] {
  const times = blockFor.map(spanText).join(',');
  const counted = blockForCounted.map(spanText).join(',');
  return [
    `BLOCK_FOR=${times}${times === '' ? '  (not set: 1d,7d for serve and scan; the manager’s timeout)' : ''}`,
    `ANSWER_RULES=${answerRules.join(',')}`,
    `SEVERE_RULES=${severeRules.join(',')}`,
    `SEVERE_LEVEL=${severeLevel}`,
    `BLOCK_FOR_COUNTED=${counted}${counted === '' ? '  (not set: as BLOCK_FOR, or else 10m,1h,1d,7d for serve and scan)' : ''}`,
  ];
}
