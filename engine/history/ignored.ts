import { ownCopy } from '../../base/own-copy.ts';
import type { Event } from '../event/event.ts';
import type { IgnoreField, Rule } from '../rule/rule.ts';
import { TwoGenerationCache } from './two-generation-cache.ts';

/** The shortest time for which a silenced source is remembered, in seconds; no rule ignores for longer. */
const LIFETIME = 1_000_000;
const MAX_ENTRIES = 100_000;

/** Alerts that rules suppress: for a time (`ignore="60"`), or permanently (`<ignore>`). */
export class Ignored {
  private readonly since = new TwoGenerationCache<{ time: number }>(LIFETIME);
  private readonly permanent = new Set<string>();

  /** @param isPerSource silences each source by itself; OSSEC silences all at once */
  constructor(private readonly isPerSource: boolean) {}

  /**
   * True while the rule is silent. After the time is up, the next alert is raised without starting another silence, as
   * in OSSEC.
   */
  isSilent(rule: Rule, event: Event): boolean {
    const key = this.isPerSource ? `${rule.id} ${event.srcip ?? ''}` : `${rule.id}`;
    const start = this.since.getOrAdd(key, event.time, () => ({ time: 0 }));
    if (start.time === 0) start.time = event.time;
    else if (event.time - start.time < rule.ignoreTime) return true;
    else start.time = 0;
    return false;
  }

  isIgnored(rule: Rule, event: Event): boolean {
    return rule.checksIgnored.length > 0 && this.permanent.has(entry(rule.checksIgnored, event));
  }

  /**
   * Remembers an event for `<check_if_ignored>`. ossec-logtest, which counts all sources together, remembers no event.
   */
  remember(rule: Rule, event: Event): void {
    if (!this.isPerSource || rule.ignores.length === 0 || this.permanent.size >= MAX_ENTRIES) return;
    this.permanent.add(ownCopy(entry(rule.ignores, event)));
  }
}

const FIELDS: readonly IgnoreField[] = ['name', 'id', 'dstuser', 'srcip', 'dstip', 'data', 'location'];

function entry(fields: IgnoreField[], event: Event): string {
  return FIELDS.map((name) => (fields.includes(name) ? fieldOf(event, name) : '')).join(' ');
}

function fieldOf(event: Event, name: IgnoreField): string {
  return (name === 'name' ? event.decoder?.name : event[name]) ?? '';
}
