import type { Dialect } from '../dialect.ts';
import { configError } from '../failure.ts';
import { attribute, type Element } from '../xml/element.ts';
import { addressTest } from './address.ts';
import { hourTest, weekdays } from './clock.ts';
import type { PatternOptions } from './pattern-options.ts';
import type { NamedCondition } from './rule.ts';
import { patternCondition } from './subject.ts';

/** The condition of all `<srcip>` (or `<dstip>`) elements of a rule; an empty list when there is none. */
export function addressCondition(
  rule: Element,
  id: number,
  name: 'srcip' | 'dstip',
  dialect: Dialect,
): NamedCondition[] {
  const options = rule.children.filter((option) => option.name.toLowerCase() === name);
  const [first] = options;
  if (!first) return [];
  const texts = options.flatMap((option) => addressesOf(option, dialect));
  try {
    const test = addressTest(texts);
    const condition: NamedCondition['condition'] = (event) => event[name] !== undefined && test(event[name]);
    return [{ option: name, group: 'packet', condition }];
  } catch (cause) {
    throw configError(
      first.position,
      `'${name}' of rule ${id}: ${cause instanceof Error ? cause.message : cause}`,
    );
  }
}

function addressesOf(option: Element, dialect: Dialect): string[] {
  const isNegated = dialect === 'wazuh' && attribute(option, 'negate')?.toLowerCase() === 'yes';
  const texts = dialect === 'wazuh' ? option.text.split('|') : [option.text];
  return texts.map((text) => (isNegated ? `!${text.trim()}` : text.trim()));
}

/** `<time>` and `<weekday>`, in local time. */
export function clockCondition(option: Element, id: number, name: 'time' | 'weekday'): NamedCondition {
  try {
    if (name === 'weekday') {
      const days = weekdays(option.text);
      return {
        option: name,
        group: 'extra',
        condition: ({ time }) => days.has(new Date(time * 1000).getDay()),
      };
    }
    const test = hourTest(option.text);
    return { option: name, group: 'extra', condition: ({ time }) => test(minutesOf(new Date(time * 1000))) };
  } catch (cause) {
    throw configError(
      option.position,
      `'${name}' of rule ${id}: ${cause instanceof Error ? cause.message : cause}`,
    );
  }
}

function minutesOf(date: Date): number {
  return date.getHours() * 60 + date.getMinutes();
}

/** `<field name="x">pattern</field>`: a field that the decoder defined. */
export function fieldCondition(option: Element, id: number, patterns: PatternOptions): NamedCondition {
  const name = attribute(option, 'name')?.toLowerCase();
  if (!name) throw configError(option.position, `a field of rule ${id} has no name`);
  const { kind, isNegated } = patterns.attributes(option, 'osregex', ['name']);
  const pattern = patterns.compile(option, kind, option.text, kind !== 'pcre2');
  return { option: 'field', group: 'always', condition: patternCondition(name, pattern, isNegated) };
}

/** OSSEC compares the whole action, case included. In Wazuh, the option is a pattern if it has attributes. */
export function actionCondition(option: Element, dialect: Dialect, patterns: PatternOptions): NamedCondition {
  const { text, attributes } = option;
  if (dialect === 'ossec' || attributes.length === 0) {
    return { option: 'action', group: 'always', condition: ({ action }) => action === text };
  }
  const { kind, isNegated } = patterns.attributes(option, 'osmatch');
  const pattern = patterns.compile(option, kind, text, kind !== 'pcre2');
  return { option: 'action', group: 'always', condition: patternCondition('action', pattern, isNegated) };
}
