import type { Dialect } from '../dialect.ts';
import type { NamedCondition, Rule } from './rule.ts';

/** The options that OSSEC takes from an overwriting rule (OS_AddRuleInfo); the PCRE2 options are not among them. */
const TAKEN_OVER = new Set([
  'match',
  'regex',
  'time',
  'weekday',
  'srcip',
  'dstip',
  'srcport',
  'dstport',
  'user',
  'url',
  'id',
  'status',
  'hostname',
  'program_name',
  'extra_data',
  'action',
  'decoded_as',
  'compiled_rule',
  'maxsize',
]);

/** Changes a rule in place, everywhere in the tree. The rule keeps its parents and its order. */
export function overwrite(rule: Rule, by: Rule, dialect: Dialect): void {
  rule.conditions = dialect === 'wazuh' ? by.conditions : merged(rule.conditions, by.conditions);
  rule.level = by.level;
  rule.weight = by.weight;
  rule.group = by.group;
  rule.description = by.description;
  rule.info = by.info;
  rule.ignoreTime = by.ignoreTime;
  rule.isNoAlert = by.isNoAlert;
  rule.isLogged = by.isLogged;
  rule.mailsAlert = by.mailsAlert;
  rule.isFirstTimeSeen = by.isFirstTimeSeen;
  rule.checksDiff = by.checksDiff;
  rule.composite = by.composite;
  if (dialect === 'wazuh') {
    rule.lists = by.lists;
    rule.ignores = by.ignores;
    rule.checksIgnored = by.checksIgnored;
  }
}

function merged(old: NamedCondition[], by: NamedCondition[]): NamedCondition[] {
  const kept = old.filter(({ option }) => !TAKEN_OVER.has(option));
  const taken = by.filter(({ option }) => TAKEN_OVER.has(option));
  // OSSEC checks a group of options only when the overwriting rule has an option of the group.
  return [...taken, ...kept].filter(
    ({ group }) => group === 'always' || by.some((given) => given.group === group),
  );
}
