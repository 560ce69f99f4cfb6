import type { Event, MatchedRule } from '../event/event.ts';
import type { Composite, Rule } from '../rule/rule.ts';
import { type History, sharedField } from './history.ts';

/** analysisd.sid_prev_matched_max and <memory_size>, as OSSEC ships them. */
const SID_LIST_SIZE = 128;
const EVENT_LIST_SIZE = 8192;
/** The number of events that OSSEC drops at once when its list is full. */
const DROPPED_AT_ONCE = 10;

/** The only fields that OSSEC compares when a rule counts by if_matched_regex. */
const SAME_IN_ALL = new Set(['dstuser', 'user', 'id', 'srcip']);

/**
 * The history as OSSEC keeps it: one list for each counted rule, shared by all sources. When a composite rule matches,
 * OSSEC marks the latest event in the list, whatever its source. The mark ends the search for the events of every other
 * source, so one scanner hides the other scanners. src/analysisd/eventinfo.c.
 */
export class SharedHistory implements History {
  private readonly bySid = new Map<number, Event[]>();
  private readonly byGroup = new Map<MatchedRule, Event[]>();
  private readonly all: Event[] = [];

  search(rule: Rule, event: Event): boolean {
    const { composite } = rule;
    if (!composite) return false;
    const list = this.listOf(rule, composite);
    let count = 0;
    for (let i = list.length - 1; i >= 0; i--) {
      const earlier = list[i] as Event;
      if (event.time - earlier.time > composite.timeframe || earlier.matched >= rule.level) return false;
      if (!fits(composite, earlier, event)) continue;
      if (++count < composite.earlier) continue;
      event.matched = rule.level;
      earlier.matched = rule.level;
      (list.at(-1) as Event).matched = rule.level;
      return true;
    }
    return false;
  }

  add(rule: Rule, event: Event): void {
    if (rule.isCountedBySid) {
      const list = listFor(this.bySid, rule.id);
      list.push(event);
      if (list.length > SID_LIST_SIZE) list.shift();
    } else {
      for (const counter of rule.countedByGroup) listFor(this.byGroup, counter).push(event);
    }
    this.all.push(event);
    if (this.all.length > EVENT_LIST_SIZE) this.dropOldest();
  }

  private listOf(rule: Rule, { source }: Composite): Event[] {
    if ('sid' in source) return listFor(this.bySid, source.sid);
    return 'group' in source ? listFor(this.byGroup, rule) : this.all;
  }

  /** Drops the oldest events from the list of all events, and from the other lists, too. */
  private dropOldest(): void {
    for (const event of this.all.splice(0, DROPPED_AT_ONCE)) {
      const { rule } = event;
      if (!rule) continue;
      const list = this.bySid.get(rule.id);
      if (rule.isCountedBySid && list) {
        const at = list.indexOf(event);
        if (at >= 0) list.splice(at, 1);
      } else {
        for (const counter of rule.countedByGroup) this.byGroup.get(counter)?.shift();
      }
    }
  }
}

function listFor<Key>(lists: Map<Key, Event[]>, key: Key): Event[] {
  const known = lists.get(key);
  if (known) return known;
  const list: Event[] = [];
  lists.set(key, list);
  return list;
}

function fits({ source, same, different }: Composite, earlier: Event, event: Event): boolean {
  const isAll = 'log' in source;
  if (isAll) {
    if (earlier.category !== event.category) return false;
    if (!source.log.test(earlier.log, earlier.logLower)) return false;
  }
  for (const name of same) {
    if (isAll && !SAME_IN_ALL.has(name)) continue;
    const value = sharedField(event, name);
    if (value === undefined || sharedField(earlier, name) !== value) return false;
  }
  for (const name of different) {
    const value = sharedField(event, name);
    const other = sharedField(earlier, name);
    if (value === undefined || other === undefined || other === value) return false;
  }
  return true;
}
