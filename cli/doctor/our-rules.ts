import { basename } from 'node:path';
import type { Dialect } from '../../engine/dialect.ts';
import { carriedFiles } from '../carried-files.ts';
import { isWanted, NOTHING_CHOSEN } from '../ossec-conf/choice.ts';

/** The names of our files of rules that every server loads: those that nobody has to choose. */
export const neededRules = (dialect: Dialect): string[] =>
  ours(dialect)
    .map(([name]) => name)
    .filter((name) => isWanted(name, NOTHING_CHOSEN));

/** All our rules: whether their files are loaded is told once, and not for each <active-response> that names them. */
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
