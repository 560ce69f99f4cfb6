import type { Event } from '../event/event.ts';
import { ownCopy } from '../event/own-copy.ts';
import type { IgnoreField, Rule } from '../rule/rule.ts';
import { TwoGenerations } from './two-generations.ts';

/** Seconds for which a quiet source is remembered at least; no rule ignores for longer. */
const LIFETIME = 1_000_000;
const MAX_ENTRIES = 100_000;

/** What rules are told not to report: for a time (`ignore="60"`), or for good (`<ignore>`). */
export class Ignored {
  private readonly since = new TwoGenerations<{ time: number }>(LIFETIME);
  private readonly forGood = new Set<string>();

  /** @param isPerSource one source's silence is not another's; OSSEC knows only one for all */
  constructor(private readonly isPerSource: boolean) {}

  /**
   * Whether the rule is silent at this time. After its time is up the rule is reported once without
   * another silence beginning, as in OSSEC.
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
    return rule.checksIgnored.length > 0 && this.forGood.has(entry(rule.checksIgnored, event));
  }

  /** ossec-logtest, which counts for all sources together, does not keep this list either. */
  remember(rule: Rule, event: Event): void {
    if (!this.isPerSource || rule.ignores.length === 0 || this.forGood.size >= MAX_ENTRIES) return;
    this.forGood.add(ownCopy(entry(rule.ignores, event)));
  }
}

const FIELDS: readonly IgnoreField[] = ['name', 'id', 'dstuser', 'srcip', 'dstip', 'data', 'location'];

function entry(fields: IgnoreField[], event: Event): string {
  return FIELDS.map((name) => (fields.includes(name) ? fieldOf(event, name) : '')).join(' ');
}

function fieldOf(event: Event, name: IgnoreField): string {
  return (name === 'name' ? event.decoder?.name : event[name]) ?? '';
}
