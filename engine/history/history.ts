import type { Event } from '../event/event.ts';
import type { Rule } from '../rule/rule.ts';
import { fieldValue } from '../rule/subject.ts';

/** The earlier events that composite rules count. */
export interface History {
  /**
   * Returns true when enough earlier events fit the composite rule. Marks them with its level: rules of that level or a
   * lower level do not count a marked event again.
   */
  search(rule: Rule, event: Event): boolean;
  /**
   * Remembers an event that raised an alert.
   *
   * @param counters the composite rules that are tried on such events; all by default. For speed, pass the same set
   *   each time
   */
  add(rule: Rule, event: Event, counters?: ReadonlySet<Rule>): void;
}

/** The field of an event by the name that composite rules use: `location` is the host. */
export function sharedField(event: Event, name: string): string | undefined {
  if (name === 'location') return event.hostname;
  // OSSEC compares dstuser only here, while a rule's <user> also matches srcuser.
  if (name === 'user') return event.dstuser;
  return fieldValue(event, name);
}
