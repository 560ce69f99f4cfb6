import type { Event } from '../../engine/event/event.ts';
import type { RuleNode } from '../../engine/rule/rule.ts';

const INDENT = '       ';

/** The text for an absent value, as C's printf prints a null pointer. */
const ABSENT = '(null)';

export function phaseOne({ fullLog, hostname, programName, log }: Event): string[] {
  return [
    '**Phase 1: Completed pre-decoding.',
    `${INDENT}full event: '${fullLog}'`,
    `${INDENT}hostname: '${hostname}'`,
    `${INDENT}program_name: '${programName ?? ABSENT}'`,
    `${INDENT}log: '${log}'`,
  ];
}

export function phaseTwo({ decoder, found = [] }: Event): string[] {
  return [
    '**Phase 2: Completed decoding.',
    ...found.map(([name, value]) => `${INDENT}${name}: '${value}'`),
    ...(decoder ? [] : [`${INDENT}No decoder matched.`]),
    `${INDENT}decoder: '${decoder?.name ?? ABSENT}'`,
  ];
}

/** The lines of `-v` about a rule. */
export function triedRule({ rule, children }: RuleNode, isMatch: boolean): string[] {
  const tried = `    Trying rule: ${rule.id} - ${rule.description || ABSENT}`;
  if (!isMatch) return [tried];
  const onward = children.length > 0 ? [`${INDENT}*Trying child rules.`] : [];
  return [tried, `${INDENT}*Rule ${rule.id} matched.`, ...onward];
}

/** Returns no lines when no rule matched, as in ossec-logtest. */
export function phaseThree({ rule, isAlert }: Event): string[] {
  if (!rule) return [];
  return [
    '',
    '**Phase 3: Completed filtering (rules).',
    `${INDENT}Rule id: '${rule.id}'`,
    `${INDENT}Level: '${rule.level}'`,
    `${INDENT}Description: '${rule.description || ABSENT}'`,
    ...rule.info.map(({ kind, text }) => `${INDENT}Info - ${INFO_NAMES[kind] ?? 'Text'}: '${text}'`),
    ...(isAlert ? ['**Alert to be generated.', '', ''] : []),
  ];
}

const INFO_NAMES: Readonly<Record<string, string>> = {
  text: 'Text',
  link: 'Link',
  cve: 'CVE',
  osvdb: 'OSVDB',
};
