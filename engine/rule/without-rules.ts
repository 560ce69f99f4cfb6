import type { Rule, RuleNode } from './rule.ts';

/** The same trees without these rules. A rule stays if another rule remains below it. */
export function withoutRules(nodes: readonly RuleNode[], ids: ReadonlySet<number>): RuleNode[] {
  return nodes.flatMap(({ rule, children }) => {
    const left = withoutRules(children, ids);
    return ids.has(rule.id) && left.length === 0 ? [] : [{ rule, children: left }];
  });
}

/** The rules of these trees. */
export function rulesIn(nodes: readonly RuleNode[]): Rule[] {
  return nodes.flatMap(({ rule, children }) => [rule, ...rulesIn(children)]);
}
