import type { Event } from '../event/event.ts';
import type { Rule } from '../rule/rule.ts';
import { fieldValue } from '../rule/subject.ts';

/** The earlier events that composite rules count. */
export interface History {
  /**
   * Whether enough earlier events fit the composite rule. If so, they are marked with its level: a marked
   * event is not counted again by rules of that level or a lower one.
   */
  search(rule: Rule, event: Event): boolean;
  /** Remembers an event that raised an alert. */
  add(rule: Rule, event: Event): void;
}

/** The field of an event by the name that composite rules use: `location` is the host. */
export function sharedField(event: Event, name: string): string | undefined {
  if (name === 'location') return event.hostname;
  // Here OSSEC compares the one user only; a rule's <user> would also take srcuser.
  if (name === 'user') return event.dstuser;
  return fieldValue(event, name);
}
