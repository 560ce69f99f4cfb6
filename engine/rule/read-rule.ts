import { configError } from '../failure.ts';
import type { Element } from '../xml/element.ts';
import { CompositeOptions } from './composite-options.ts';
import { actionCondition, addressCondition, clockCondition, fieldCondition } from './option-conditions.ts';
import { PatternOptions } from './pattern-options.ts';
import { readPlainOption } from './plain-options.ts';
import type { Rule } from './rule.ts';
import { ruleAttributes } from './rule-attributes.ts';
import type { RuleContext } from './rule-context.ts';

/** The weight of level 0, which precedes every other level among siblings. */
const WEIGHT_OF_LEVEL_0 = 99;

/** Reads one `<rule>`. @throws RiposteError (CONFIG) naming file, line and rule */
export function readRule(element: Element, group: string, context: RuleContext): Rule {
  const attributes = ruleAttributes(element, context.dialect);
  const { level } = attributes;
  const sortLevel = level === 0 ? WEIGHT_OF_LEVEL_0 : level;
  const rule: Rule = {
    id: attributes.id,
    level,
    // A rule without accuracy follows all its siblings.
    weight: attributes.accuracy ? sortLevel * 100 : sortLevel,
    position: element.position,
    group,
    description: '',
    info: [],
    category: 'syslog',
    conditions: [],
    checks: [],
    lists: [],
    isFirstTimeSeen: false,
    checksDiff: false,
    composite: undefined,
    ifSid: [],
    ifLevel: undefined,
    ifGroup: undefined,
    overwrites: attributes.overwrites,
    isNoAlert: attributes.isNoAlert,
    isLogged: context.logLevel <= level,
    mailsAlert: context.mailLevel <= level,
    ignoreTime: attributes.ignore,
    ignores: [],
    checksIgnored: [],
    isCountedBySid: false,
    countedByGroup: [],
    firedTimes: 0,
  };
  if (element.children.length === 0) throw configError(element.position, `rule ${rule.id} has no option`);
  const patterns = new PatternOptions(rule, context.dialect);
  const composite = new CompositeOptions(context.dialect);
  for (const option of element.children) readOption(rule, option, patterns, composite, context);
  rule.conditions.push(...patterns.conditions());
  rule.conditions.push(...addressCondition(element, rule.id, 'srcip', context.dialect));
  rule.conditions.push(...addressCondition(element, rule.id, 'dstip', context.dialect));
  if (attributes.maxsize > 0) {
    const { maxsize } = attributes;
    rule.conditions.push({
      option: 'maxsize',
      group: 'extra',
      condition: ({ log }) => log.length >= maxsize,
    });
  }
  finishComposite(rule, composite, attributes, patterns, element);
  return rule;
}

function readOption(
  rule: Rule,
  option: Element,
  patterns: PatternOptions,
  composite: CompositeOptions,
  context: RuleContext,
): void {
  const name = option.name.toLowerCase();
  if (patterns.take(name, option) || composite.take(name, option.text)) return;
  if (readPlainOption(rule, name, option, context)) return;
  switch (name) {
    case 'srcip':
    case 'dstip':
      return;
    case 'action':
      rule.conditions.push(actionCondition(option, context.dialect, patterns));
      return;
    case 'time':
    case 'weekday':
      rule.conditions.push(clockCondition(option, rule.id, name));
      return;
    case 'field':
      rule.conditions.push(fieldCondition(option, rule.id, patterns));
      return;
    case 'if_matched_sid':
      if (!/^\s*\d+\s*$/.test(option.text))
        throw configError(
          option.position,
          `if_matched_sid of rule ${rule.id} is '${option.text}', which is not an id`,
        );
      composite.sid = Number(option.text);
      return;
    case 'if_matched_group':
      composite.group += option.text;
      return;
    case 'if_matched_regex':
      composite.log += option.text;
      return;
    default:
      throw configError(
        option.position,
        `option '${option.name}' of rule ${rule.id} is unknown to the engine`,
      );
  }
}

function finishComposite(
  rule: Rule,
  options: CompositeOptions,
  { frequency, timeframe }: { frequency: number; timeframe: number },
  patterns: PatternOptions,
  element: Element,
): void {
  if (!options.isComposite) {
    if ((frequency > 0 || options.isNarrowed) && !rule.checksDiff) {
      throw configError(
        element.position,
        `rule ${rule.id} has a frequency or a same_… option, but no if_matched_…`,
      );
    }
    return;
  }
  rule.composite = options.build(frequency, timeframe, (kind, text) => patterns.compile(element, kind, text));
  if (rule.ifSid.length > 0 || rule.ifGroup !== undefined) return;
  if (options.group !== '') rule.ifGroup = options.group;
  else if (options.sid !== undefined) rule.ifSid = [options.sid];
}
