import { basename } from 'node:path';
import { carriedFiles } from '../base/carried-files.ts';
import type { Dialect } from '../engine/dialect.ts';
import { isWanted, NOTHING_CHOSEN } from '../install/ossec-conf/choice.ts';

/** The names of the rule files that every server loads, whatever the operator has chosen. */
export const neededRules = (dialect: Dialect): string[] =>
  ours(dialect)
    .map(([name]) => name)
    .filter((name) => isWanted(name, NOTHING_CHOSEN));

/**
 * The ids of all of Riposte's rules, including rules in a missing file: one check reports the file, so no check has to
 * report each <active-response> that names a rule of that file.
 */
export const carriedRuleIds = (dialect: Dialect): ReadonlySet<string> =>
  new Set(ours(dialect).flatMap(([, text]) => ruleIdsIn(text)));

/** The ids of the rules in a file's text. */
export const ruleIdsIn = (text: string): string[] =>
  [...text.matchAll(/<rule\s[^>]*?\bid\s*=\s*["'](\d+)/g)].map(([, id = '']) => id);

function ours(dialect: Dialect): [name: string, text: string][] {
  const directory = dialect === 'ossec' ? 'ossec/rules/' : 'wazuh/etc/rules/';
  return Object.entries(carriedFiles())
    .filter(([path]) => path.startsWith(directory))
    .map(([path, text]) => [basename(path), text]);
}
