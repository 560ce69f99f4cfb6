import type { Category } from '../event/category.ts';
import { configError } from '../failure.ts';
import type { Element } from '../xml/element.ts';
import { compiledRule } from './compiled-rules.ts';
import { listLookup } from './list-option.ts';
import type { IgnoreField, Rule } from './rule.ts';
import type { RuleContext } from './rule-context.ts';

const CATEGORIES: readonly string[] = [
  'firewall',
  'ids',
  'syslog',
  'web-log',
  'squid',
  'windows',
  'ossec',
] satisfies Category[];

/** Wazuh's options that change the look of an alert only. */
const WAZUH_WITHOUT_EFFECT = new Set(['mitre', 'global_frequency']);

type Reader = (rule: Rule, option: Element, context: RuleContext) => void;

/** Options that are read one by one. Other options are patterns, or belong to composite rules. */
const READERS: Readonly<Record<string, Reader>> = {
  decoded_as: (rule, { text, position }, { decoderNames }) => {
    if (!decoderNames.has(text))
      throw configError(position, `rule ${rule.id} needs the decoder '${text}', which does not exist`);
    rule.conditions.push({
      option: 'decoded_as',
      group: 'always',
      condition: ({ decoder }) => decoder?.name === text,
    });
  },
  category: (rule, { text, position }) => {
    if (!CATEGORIES.includes(text))
      throw configError(position, `rule ${rule.id} has an unknown category '${text}'`);
    rule.category = text as Category;
  },
  description: (rule, { text }) => {
    rule.description += text.replace('\n', ' ');
  },
  group: (rule, { text }) => {
    rule.group += text;
  },
  cve: (rule, { text }) => {
    rule.info.push({ kind: 'cve', text });
  },
  info: (rule, { text, attributes }) => {
    rule.info.push({ kind: attributes.find(({ name }) => name === 'type')?.value ?? 'text', text });
  },
  compiled_rule: (rule, { text, position }, { dialect }) => {
    const condition = compiledRule(text, dialect);
    if (!condition)
      throw configError(
        position,
        `rule ${rule.id} needs the compiled rule '${text}', which the engine lacks`,
      );
    rule.conditions.push({ option: 'compiled_rule', group: 'extra', condition });
  },
  list: (rule, option, context) => {
    rule.lists.push(listLookup(rule.id, option, context.lists));
  },
  if_sid: (rule, { text, position }) => {
    if (!/^[\d, ]+$/.test(text.trim()))
      throw configError(position, `if_sid of rule ${rule.id} is '${text}'; it must be ids`);
    rule.ifSid.push(
      ...text
        .split(/[,\s]+/)
        .filter(Boolean)
        .map(Number),
    );
  },
  if_group: (rule, { text }) => {
    rule.ifGroup = (rule.ifGroup ?? '') + text;
  },
  if_level: (rule, { text, position }) => {
    if (!/^\d+$/.test(text) || Number(text) === 0)
      throw configError(position, `if_level of rule ${rule.id} is '${text}', which is not a level`);
    rule.ifLevel = Number(text);
  },
  if_fts: (rule) => {
    rule.isFirstTimeSeen = true;
  },
  check_diff: (rule) => {
    rule.checksDiff = true;
  },
  options: (rule, option) => readAlertOptions(rule, option),
  ignore: (rule, option) => {
    rule.ignores.push(...ignoreFields(rule, option));
  },
  check_if_ignored: (rule, option) => {
    rule.checksIgnored.push(...ignoreFields(rule, option));
  },
};

/** Reads one of the options above; returns false for any other option. */
export function readPlainOption(rule: Rule, name: string, option: Element, context: RuleContext): boolean {
  if (context.dialect === 'wazuh' && WAZUH_WITHOUT_EFFECT.has(name)) return true;
  const read = Object.hasOwn(READERS, name) ? READERS[name] : undefined;
  read?.(rule, option, context);
  return read !== undefined;
}

function readAlertOptions(rule: Rule, { text, position }: Element): void {
  for (const word of text.split(',').map((part) => part.trim())) {
    if (word === 'alert_by_email') rule.mailsAlert = true;
    else if (word === 'no_email_alert') rule.mailsAlert = false;
    else if (word === 'log_alert') rule.isLogged = true;
    else if (word === 'no_log') rule.isLogged = false;
    else if (word !== 'no_ar' && word !== 'no_full_log' && word !== 'no_counter') {
      throw configError(position, `rule ${rule.id} has an unknown option '${word}'`);
    }
  }
}

const IGNORE_FIELDS: readonly [text: string, field: IgnoreField][] = [
  ['user', 'dstuser'],
  ['srcip', 'srcip'],
  ['dstip', 'dstip'],
  ['id', 'id'],
  ['location', 'location'],
  ['data', 'data'],
  ['name', 'name'],
];

function ignoreFields(rule: Rule, { text, name, position }: Element): IgnoreField[] {
  const fields = IGNORE_FIELDS.filter(([word]) => text.includes(word)).map(([, field]) => field);
  if (fields.length === 0)
    throw configError(position, `'${name}' of rule ${rule.id} names no known field: '${text}'`);
  return fields;
}
