import { ownCopy } from '../../base/own-copy.ts';
import type { Event } from '../event/event.ts';
import type { Rule } from '../rule/rule.ts';

/** The longest text that OSSEC compares, in bytes. */
const MAX_SIZE = 8192;
const MAX_ENTRIES = 10_000;

/** `<check_diff>`: compares a text with the previous one of the same rule and host. */
export class Diffs {
  private readonly last = new Map<string, string>();

  /** False for the first text of a rule and host. */
  isChanged(rule: Rule, event: Event): boolean {
    if (event.log.length >= MAX_SIZE) return false;
    const key = `${rule.id} ${event.hostname}`;
    const before = this.last.get(key);
    if (this.last.size >= MAX_ENTRIES) this.last.clear();
    this.last.set(key, ownCopy(event.log));
    return before !== undefined && before !== event.log;
  }
}
