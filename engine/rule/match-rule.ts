import type { Event } from '../event/event.ts';
import { lookUp } from '../list/lookup.ts';
import type { Memory } from '../memory.ts';
import type { Rule, RuleNode } from './rule.ts';

/** Called with each rule that is tried, for `logtest -v`. */
export type Trace = (node: RuleNode, isMatch: boolean) => void;

/**
 * Finds the final rule of an event: the first root of its category that matches, then repeatedly the first child that
 * matches. The siblings of a match are not tried.
 */
export function matchRoots(
  roots: RuleNode[],
  event: Event,
  memory: Memory,
  trace: Trace | undefined,
): Rule | undefined {
  for (const root of roots) {
    if (root.rule.category !== event.category) continue;
    const rule = matchNode(root, event, memory, trace);
    if (rule) return rule;
  }
  return undefined;
}

function matchNode(node: RuleNode, event: Event, memory: Memory, trace: Trace | undefined): Rule | undefined {
  const { rule, children } = node;
  const isMatch = matches(rule, event, memory);
  trace?.(node, isMatch);
  if (!isMatch) return undefined;
  for (let i = 0; i < children.length; i++) {
    const final = matchNode(children[i] as RuleNode, event, memory, trace);
    if (final) return final;
  }
  if (rule.isNoAlert) return undefined;
  rule.firedTimes++;
  return rule;
}

function matches(rule: Rule, event: Event, memory: Memory): boolean {
  const { checks } = rule;
  for (let i = 0; i < checks.length; i++) if (!(checks[i] as Rule['checks'][0])(event)) return false;
  // These checks change state, so they come after the conditions, which change none.
  if (rule.checksDiff && !memory.diffs.isChanged(rule, event)) return false;
  if (rule.isFirstTimeSeen && !memory.firstSeen.isNew(event)) return false;
  for (const lookup of rule.lists) if (!lookUp(lookup, event)) return false;
  if (rule.composite && !rule.checksDiff) return memory.history.search(rule, event);
  return true;
}
