import type { Event } from '../event/event.ts';
import type { Composite, Rule } from '../rule/rule.ts';
import { type History, sharedField } from './history.ts';
import { TwoGenerations } from './two-generations.ts';

/** What is kept of an event: one object, however many rules count it, so that a mark is seen by all. */
interface Trail {
  time: number;
  matched: number;
  /** Hashes of the fields in which counted events must differ, in the rule's order; mostly none. */
  hashes: number[] | undefined;
}

/** The events of one kind that composite rules with the same key count. */
interface Track {
  composite: Composite;
  category: Rule['category'];
  byKey: TwoGenerations<Trail[]>;
  /** So many events of a key are kept. */
  depth: number;
}

/** Events that must differ in a field may be many before enough do; OSSEC keeps as many. */
const DEPTH_WHEN_DIFFERENT = 128;

/**
 * A history in which every key (mostly a source address) is counted by itself. No source hides another,
 * and an event costs the same however many came before: a rule looks at the latest few of its key alone.
 */
export class KeyedHistory implements History {
  private readonly tracks = new Map<Rule, Track>();
  private readonly shared = new Map<string, Track>();
  /** What takes the events of a rule, by the counted rule. */
  private readonly feeds = new Map<Rule, Track[]>();

  constructor(rules: Iterable<Rule>) {
    for (const rule of rules) if (rule.composite) this.tracks.set(rule, this.trackFor(rule, rule.composite));
  }

  search(rule: Rule, event: Event): boolean {
    const track = this.tracks.get(rule);
    const { composite } = rule;
    if (!track || !composite) return false;
    const key = keyOf(composite, event);
    const trails = key === undefined ? undefined : track.byKey.get(key);
    if (!trails) return false;
    const hashes = hashesOf(composite, event);
    let count = 0;
    for (let i = trails.length - 1; i >= 0; i--) {
      const earlier = trails[i] as Trail;
      if (event.time - earlier.time > composite.timeframe || earlier.matched >= rule.level) return false;
      if (hashes && !areDifferent(hashes, earlier.hashes)) continue;
      if (++count < composite.earlier) continue;
      event.matched = rule.level;
      earlier.matched = rule.level;
      (trails.at(-1) as Trail).matched = rule.level;
      return true;
    }
    return false;
  }

  add(rule: Rule, event: Event): void {
    const tracks = this.feedsOf(rule);
    let trail: Trail | undefined;
    for (let i = 0; i < tracks.length; i++) {
      const track = tracks[i] as Track;
      const { composite, depth, byKey } = track;
      if ('log' in composite.source) {
        if (event.category !== track.category || !composite.source.log.test(event.log, event.logLower)) continue;
      }
      const key = keyOf(composite, event);
      if (key === undefined) continue;
      trail ??= { time: event.time, matched: event.matched, hashes: undefined };
      trail.hashes ??= hashesOf(composite, event);
      const trails = byKey.getOrAdd(key, event.time, newTrails);
      while (trails.length >= depth || (trails[0] && event.time - trails[0].time > composite.timeframe)) trails.shift();
      trails.push(trail);
    }
  }

  private feedsOf(rule: Rule): Track[] {
    let tracks = this.feeds.get(rule);
    if (tracks) return tracks;
    tracks = [];
    for (const [counter, track] of this.tracks) {
      const { source } = counter.composite as Composite;
      const times =
        'sid' in source
          ? Number(rule.isCountedBySid && source.sid === rule.id)
          : 'log' in source
            ? 1
            : rule.isCountedBySid
              ? 0
              : rule.countedByGroup.filter((candidate) => candidate === counter).length;
      const known = tracks.filter((fed) => fed === track).length;
      for (let i = known; i < times; i++) tracks.push(track);
    }
    this.feeds.set(rule, tracks);
    return tracks;
  }

  /** Rules that count the same events by the same key share a track. */
  private trackFor(rule: Rule, composite: Composite): Track {
    const { source, same, different, earlier, timeframe } = composite;
    const counted = 'sid' in source ? `sid ${source.sid}` : 'group' in source ? `group ${source.group.source}` : `log ${rule.id}`;
    const name = [counted, ...same, '!', ...different].join(' ');
    const depth = different.length > 0 ? Math.max(DEPTH_WHEN_DIFFERENT, earlier) : earlier;
    const known = this.shared.get(name);
    if (known) {
      known.depth = Math.max(known.depth, depth);
      known.composite = { ...known.composite, timeframe: Math.max(known.composite.timeframe, timeframe) };
      known.byKey.lifetime = known.composite.timeframe;
      return known;
    }
    const track = { composite, category: rule.category, byKey: new TwoGenerations<Trail[]>(timeframe), depth };
    this.shared.set(name, track);
    return track;
  }
}

function newTrails(): Trail[] {
  return [];
}

/** The values that counted events share, as one text; undefined when the event lacks one of them. */
function keyOf({ same }: Composite, event: Event): string | undefined {
  if (same.length === 1 && same[0] === 'srcip') return event.srcip;
  let key = '';
  for (const name of same) {
    const value = sharedField(event, name);
    if (value === undefined) return undefined;
    key += `${value}\n`;
  }
  return key;
}

function hashesOf({ different }: Composite, event: Event): number[] | undefined {
  if (different.length === 0) return undefined;
  return different.map((name) => hash(sharedField(event, name)));
}

/** Every field of the one differs from the other's; an event without the field differs from none. */
function areDifferent(hashes: number[], others: number[] | undefined): boolean {
  return hashes.every((own, i) => own !== MISSING && others?.[i] !== MISSING && others?.[i] !== own);
}

const MISSING = -1;

/** FNV-1a, 32 bits: a hash keeps a URL of any length out of the memory. */
function hash(text: string | undefined): number {
  if (text === undefined) return MISSING;
  let value = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
  return value >>> 0;
}
