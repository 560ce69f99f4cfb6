import type { Event } from '../event/event.ts';
import { ownCopy } from '../event/own-copy.ts';
import type { Rule } from '../rule/rule.ts';

/** OSSEC compares no longer text, in bytes. */
const MAX_SIZE = 8192;
const MAX_ENTRIES = 10_000;

/** `<check_diff>`: whether the text differs from the one before it of the same rule and host. */
export class Diffs {
  private readonly last = new Map<string, string>();

  /** The first text of a rule and host is no change. */
  isChanged(rule: Rule, event: Event): boolean {
    if (event.log.length >= MAX_SIZE) return false;
    const key = `${rule.id} ${event.hostname}`;
    const before = this.last.get(key);
    if (this.last.size >= MAX_ENTRIES) this.last.clear();
    this.last.set(key, ownCopy(event.log));
    return before !== undefined && before !== event.log;
  }
}
