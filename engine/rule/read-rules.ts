import { configError } from '../failure.ts';
import { attribute } from '../xml/element.ts';
import { readXml } from '../xml/read-xml.ts';
import { readRule } from './read-rule.ts';
import type { Rule } from './rule.ts';
import type { RuleContext } from './rule-context.ts';

/**
 * Reads the rules of one file, in order.
 *
 * @throws RiposteError (CONFIG) with file and line for anything that the dialect or the engine does not know
 */
export function readRules(text: string, file: string, context: RuleContext): Rule[] {
  const rules: Rule[] = [];
  for (const group of readXml(text, file, context.dialect)) {
    if (group.name.toLowerCase() !== 'group') {
      throw configError(group.position, `element '${group.name}' among the rules: only 'group' is allowed`);
    }
    const name = attribute(group, 'name');
    if (name === undefined || group.attributes.length > 1) {
      throw configError(group.position, 'a group must have a name, and no other attribute');
    }
    if (group.children.length === 0) throw configError(group.position, `group '${name}' has no rule`);
    for (const element of group.children) {
      if (element.name.toLowerCase() !== 'rule') {
        throw configError(
          element.position,
          `element '${element.name}' in group '${name}': only 'rule' is allowed`,
        );
      }
      rules.push(readRule(element, name, context));
    }
  }
  return rules;
}
